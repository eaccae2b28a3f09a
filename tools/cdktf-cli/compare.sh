#!/usr/bin/env bash
# Synthesizes with the CDKTF CLI and compares every byte of it with what lies in cdktf.out.
# The CLI removes folders of stacks that no longer exist, state in them included: it writes to a fresh folder, never to cdktf.out.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CHECKPOINT_DISABLE=1 CI=1

cdktf=tools/cdktf-cli/node_modules/.bin/cdktf
if [ ! -x "$cdktf" ]; then
  echo 'installing the CDKTF CLI into tools/cdktf-cli (260 MB)'
  npm ci --prefix tools/cdktf-cli --no-audit --no-fund --loglevel=error
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! "$cdktf" synth --output "$work/cdktf.out" >"$work/log" 2>&1; then
  cat "$work/log" >&2
  exit 1
fi
# What else lies there is not synthesized: folders of stacks that were, and what OpenTofu leaves in those of stacks that are.
# The manifest names the stacks, and Helm reads whatever lies in an asset.
cd "$work/cdktf.out"
parts=$(printf '%s\n' manifest.json stacks/*/cdk.tf.json && find stacks -mindepth 2 -maxdepth 2 -name assets)
cd - >/dev/null
differs=0
for part in $parts; do
  diff -r "cdktf.out/$part" "$work/cdktf.out/$part" || differs=1
done
if [ $differs = 1 ]; then
  echo 'cdktf synth and npm run synth differ' >&2
  exit 2
fi
echo "cdktf synth and npm run synth agree on $(find "$work/cdktf.out" -type f | wc -l) files"
