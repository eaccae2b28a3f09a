# Recipes of Flywheel. `just` alone lists them; without just installed, `npx just` does the same after `npm ci`.

set shell := ["bash", "-euo", "pipefail", "-c"]

flywheel := "node bin/flywheel.mjs"

# List the recipes.
default:
    @"{{ just_executable() }}" --justfile "{{ justfile() }}" --list --unsorted

# Check format, lint, types, dead code, and that what is generated is up to date.
[group('develop')]
check:
    npm run -s check
    {{ flywheel }} schema --check
    {{ flywheel }} requirements --check

# Run the tests, or those of the given paths.
[group('develop')]
test *paths:
    npm test -- {{ paths }}

# Format and fix what can be fixed.
[group('develop')]
format:
    npm run -s format

# Write the JSON Schemas that editors read.
[group('develop')]
schema *options:
    {{ flywheel }} schema {{ options }}

# Write the table of requirements and the tests that prove them.
[group('develop')]
requirements *options:
    {{ flywheel }} requirements {{ options }}

# Measure synthesis beside plain CDKTF.
[group('develop')]
bench:
    {{ flywheel }} bench

# Measure init, plan, apply and destroy on a rehearsal cluster beside plain OpenTofu JSON; takes some minutes and a folder of charts.
[group('develop')]
bench-apply:
    {{ flywheel }} bench-apply

# Show that the successor of CDKTF would synthesize the same; takes half a minute and the npm registry.
[group('develop')]
cdktn-check:
    node tools/cdktn-check/check.mjs

# Read the pipeline as GitLab does, and list its jobs with what they need.
[group('develop')]
ci-list:
    tools/gitlab-ci-local/list.sh

# Remove what can be made again: coverage and caches. State, plans and cdktf.out stay.
[group('develop')]
clean:
    rm -rf coverage node_modules/.cache

# Write the four stacks to cdktf.out.
[group('synthesize')]
synth *options:
    {{ flywheel }} synth {{ options }}

# Print what the stacks hold: components, Secrets, weakenings, capacity.
[group('synthesize')]
report *options:
    {{ flywheel }} report {{ options }}

# Synthesize with the CDKTF CLI too, and compare every byte.
[group('synthesize')]
cdktf-synth: synth
    tools/cdktf-cli/compare.sh

# Let OpenTofu and the providers judge the synthesized stacks, or those that are named.
[group('synthesize')]
validate *options:
    @{{ flywheel }} validate {{ options }}

# Renew the hashes of the providers that the stacks are locked to; takes their registry.
[group('synthesize')]
lock *stacks:
    {{ flywheel }} lock {{ stacks }}

# Summarize what the charts in a folder render, by the real Helm.
[group('synthesize')]
charts-summarize folder *options:
    @command -v helm >/dev/null || { echo 'helm is not installed: enter the dev shell (nix develop), or see https://helm.sh/docs/intro/install' >&2; exit 1; }
    {{ flywheel }} charts summarize {{ options }} {{ folder }}

# Fill a folder with the archive of every pinned chart, by the pinned Helm; takes their repositories.
[group('synthesize')]
charts-pull folder:
    {{ flywheel }} charts pull {{ folder }}

# Say how this machine uses the caches.
[group('operate')]
info:
    @{{ flywheel }} info

# Compare pinned images with their registries; writes nothing.
[group('operate')]
images-check *names:
    {{ flywheel }} images check {{ names }}

# Fill in the digests of images, and confirm those that are there.
[group('operate')]
images-resolve *names:
    {{ flywheel }} images resolve {{ names }}

# Bring the Secrets of a stack into being: makes what can be made, takes the rest, replaces nothing.
[group('operate')]
secrets-ensure stack *options:
    @{{ flywheel }} secrets ensure {{ stack }} {{ options }}

# Replace the Secrets of one kind, and say what has to be restarted or changed.
[group('operate')]
secrets-rotate stack kind *options:
    @{{ flywheel }} secrets rotate {{ stack }} {{ kind }} {{ options }}

# Prove that a stack can be applied to the declared cluster; changes nothing.
[group('operate')]
preflight stack *options:
    @{{ flywheel }} preflight {{ stack }} {{ options }}

# Say where the cluster is not what a stack declares, inside of Helm releases too; changes nothing.
[group('operate')]
drift stack *options:
    @{{ flywheel }} drift {{ stack }} {{ options }}

# Build the pinned programs of the rehearsals that are missing (tofu, a control plane, S3 stores), or those that are named.
[group('operate')]
tools *names:
    {{ flywheel }} tools build {{ names }}

# Say where each pinned program is, and in which version.
[group('operate')]
tools-list *options:
    @{{ flywheel }} tools list {{ options }}

# Start, look at or end a rehearsal cluster on this machine: up, status, down.
[group('operate')]
cluster *args:
    @{{ flywheel }} cluster {{ args }}

# Start, look at or end a rehearsal store (S3) on this machine: up, status, down.
[group('operate')]
store *args:
    @{{ flywheel }} store {{ args }}
