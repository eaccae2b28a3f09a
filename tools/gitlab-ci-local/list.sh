#!/usr/bin/env bash
# Reads .gitlab-ci.yml as GitLab does, and lists its jobs. Nothing is run.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$PWD/tools/gitlab-ci-local/node_modules/.bin/gitlab-ci-local
if [ ! -x "$program" ]; then
  echo 'installing gitlab-ci-local into tools/gitlab-ci-local (22 MB)' >&2
  npm ci --prefix tools/gitlab-ci-local --no-audit --no-fund --loglevel=error
fi

# It asks git for branch and address of a repository; a repository of its own answers the same everywhere.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp .gitlab-ci.yml package-lock.json "$work"
cd "$work"
export HOME="$work"
git config --global user.name list
git config --global user.email list@example.org
git -c init.defaultBranch=main init --quiet
git remote add origin https://gitlab.com/example/flywheel.git
git symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
git add .gitlab-ci.yml package-lock.json
git commit --quiet --message 'a pipeline'
"$program" "${@:---list}"
