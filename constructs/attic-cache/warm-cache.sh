#!/bin/sh
# Builds flake references, pushes what came of them to a cache, and reads each result back from there.
#
# Usage: warm-cache.sh <cache> <address of the cache> <flake reference of attic> <flake reference>...
# It may call what the image of Nix has and nothing more: there is neither sed nor awk.
# The address and a token of the cache are in attic's own configuration; TOKEN_FILE holds the same token for reading.
# Exit code: 0 every result is served by the cache or by its upstream, 1 at least one is not.
set -eu

cache=$1
address=$2
client=$3
shift 3
status=0

# A path whose signature is of an upstream cache is not pushed: it can be had there.
left_to_upstream() {
  nix path-info --sigs "$1" | tr ' ' '\n' | grep -q -E "^($UPSTREAM_KEY_NAMES):"
}

ask() {
  printf 'Authorization: Bearer %s\n' "$(cat "$TOKEN_FILE")" |
    curl --fail --silent --show-error --location --max-time 600 --header @- "$@"
}

# The description and the whole body, which is what a reader needs; a body that is cut short is an error of curl.
served() {
  hash=$(basename "$1" | cut -c 1-32)
  url=$(ask "$address/$hash.narinfo" | grep '^URL: ' | cut -c 6-)
  [ -n "$url" ] && ask --output /dev/null "$address/$url"
}

for installable in "$@"; do
  echo "$installable: building"
  if ! paths=$(nix build --no-link --no-write-lock-file --print-out-paths "$installable"); then
    echo "$installable: does not build; nothing of it was pushed" >&2
    status=1
    continue
  fi
  # shellcheck disable=SC2086 # one argument for each output
  if ! nix shell "$client" --command attic push "$cache" $paths; then
    echo "$installable: was built and could not be pushed" >&2
    status=1
    continue
  fi
  for path in $paths; do
    if served "$path"; then
      echo "$installable: $path is served"
    elif left_to_upstream "$path"; then
      echo "$installable: $path is left to upstream"
    else
      echo "$installable: $path was pushed and is not served by $address" >&2
      status=1
    fi
  done
done
exit $status
