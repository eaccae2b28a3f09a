{
  description = "The shell in which Flywheel is developed and its stacks are applied";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }:
    let
      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-linux"
      ];
      forEachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShellNoCC {
          packages = [
            pkgs.git
            pkgs.go
            pkgs.just
            pkgs.kubectl
            pkgs.kubernetes-helm
            pkgs.nodejs_24
            pkgs.opentofu
            pkgs.protobuf
          ];
        };
      });
      formatter = forEachSystem (pkgs: pkgs.nixfmt-rfc-style);
    };
}
