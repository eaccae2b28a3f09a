import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import type { RequiredProvider } from './required-providers.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** The platform of this machine in the words of providers. */
export const PLATFORM = `${process.platform}_${ARCHITECTURES[process.arch] ?? process.arch}`;

/**
 * The folder of this machine from which tofu installs a provider without asking a registry, if there is one: a mirror that the
 * configuration of the command line names, or else one of the folders that tofu searches by itself.
 *
 * @param environment what tofu is given
 */
export function localFolder(
  { address, version }: RequiredProvider,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const type = basename(address);
  const places = [
    join(address, version, PLATFORM),
    join(address, `terraform-provider-${type}_${version}_${PLATFORM}.zip`),
  ];
  const folders = namedMirrors(environment) ?? searchedFolders(environment);
  return folders.find((folder) => places.some((place) => existsSync(join(folder, place))));
}

/** The mirrors that the configuration names; undefined where it says nothing of installation, so that tofu searches itself. */
function namedMirrors(environment: NodeJS.ProcessEnv): string[] | undefined {
  const text = cliConfiguration(environment);
  if (!/^\s*provider_installation\s*\{/m.test(text)) return undefined;
  return [...text.matchAll(/\bfilesystem_mirror\s*\{[^}]*?\bpath\s*=\s*"([^"]+)"/g)].map(
    ([, path = '']) => path,
  );
}

/** What the configuration of the command line says, without its comments; empty where there is none. */
export function cliConfiguration(environment: NodeJS.ProcessEnv): string {
  const home = environment.HOME ?? homedir();
  const { TF_CLI_CONFIG_FILE: named, XDG_CONFIG_HOME: xdg } = environment;
  const files = named
    ? [named]
    : [
        join(home, '.tofurc'),
        join(home, '.terraformrc'),
        ...(xdg ? [join(xdg, 'opentofu', 'tofurc')] : []),
      ];
  const file = files.find((candidate) => existsSync(candidate));
  // Lines that are commented out name no mirror.
  return file === undefined ? '' : readFileSync(file, 'utf8').replaceAll(/^\s*(#|\/\/).*$/gm, '');
}

function searchedFolders(environment: NodeJS.ProcessEnv): string[] {
  const home = environment.HOME ?? homedir();
  const { XDG_DATA_HOME: data, XDG_DATA_DIRS: shared } = environment;
  const common =
    process.platform === 'darwin'
      ? [join(home, 'Library', 'Application Support', 'io.terraform')]
      : [
          join(data || join(home, '.local', 'share'), 'terraform'),
          ...(shared || '/usr/local/share:/usr/share')
            .split(':')
            .map((folder) => join(folder, 'terraform')),
        ];
  return [join(home, '.terraform.d'), ...(data ? [join(data, 'opentofu')] : []), ...common].map(
    (folder) => join(folder, 'plugins'),
  );
}
