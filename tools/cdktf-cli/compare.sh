#!/usr/bin/env bash
# Synthesizes with the CDKTF CLI and compares every byte with what lies in cdktf.out.
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
# What OpenTofu leaves in the folders of stacks is not synthesized.
if ! diff -r -x .terraform -x '.terraform.*' -x '*.tfstate*' -x '*.tfplan' -x '*.hcl' cdktf.out "$work/cdktf.out"; then
  echo 'cdktf synth and npm run synth differ' >&2
  exit 2
fi
echo "cdktf synth and npm run synth agree on $(find "$work/cdktf.out" -type f | wc -l) files"
