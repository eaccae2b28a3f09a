# Recipes of Flywheel. `just` alone lists them; without just installed, `npx just` does the same after `npm ci`.

set shell := ["bash", "-euo", "pipefail", "-c"]

flywheel := "node bin/flywheel.cjs"

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

# Measure tofu behind the gateway beside a bare one; with FLYWHEEL_CHARTS on a rehearsal cluster too.
[group('develop')]
bench-gateway:
    {{ flywheel }} bench-gateway

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

# Summarize what the charts in a folder render, by the pinned Helm.
[group('synthesize')]
charts-summarize folder *options:
    {{ flywheel }} charts summarize {{ options }} {{ folder }}

# Fill a folder with the archive of every pinned chart, by the pinned Helm; takes their repositories.
[group('synthesize')]
charts-pull folder:
    {{ flywheel }} charts pull {{ folder }}

# Bring the four stacks into being from this machine, with the store of their states; goes on where it has stopped.
[group('state')]
bootstrap *options:
    @{{ flywheel }} bootstrap {{ options }}

# Show the stacks as they are declared, as their states have them, and as they live, side by side; changes nothing.
[group('state')]
status *options:
    @{{ flywheel }} status {{ options }}

# Make a stack ready: for the recipes, and for a bare tofu in its folder.
[group('state')]
tofu-init stack *options:
    @{{ flywheel }} tofu-init {{ stack }} {{ options }}

# Prove the store, plan under the lock, and keep the plan.
[group('state')]
tofu-plan stack *options:
    @{{ flywheel }} tofu-plan {{ stack }} {{ options }}

# Prove the store, then apply the saved plan and no other.
[group('state')]
tofu-apply stack *options:
    @{{ flywheel }} tofu-apply {{ stack }} {{ options }}

# Prove the store, plan, apply, and plan once more to see that nothing is left to do.
[group('state')]
tofu-deploy stack *options:
    @{{ flywheel }} tofu-deploy {{ stack }} {{ options }}

# Remove everything of a stack, after its name was typed.
[group('state')]
tofu-destroy stack *options:
    @{{ flywheel }} tofu-destroy {{ stack }} {{ options }}

# Print the outputs of a stack.
[group('state')]
tofu-output stack *options:
    @{{ flywheel }} tofu-output {{ stack }} {{ options }}

# Look at the state of a stack: list, show <address>, pull.
[group('state')]
tofu-state stack *options:
    @{{ flywheel }} tofu-state {{ stack }} {{ options }}

# Remove the lock of somebody else, by its id.
[group('state')]
tofu-unlock stack lock *options:
    @{{ flywheel }} tofu-unlock {{ stack }} {{ lock }} {{ options }}

# Let OpenTofu and the providers judge all four stacks.
[group('state')]
tofu-validate-all *options:
    @{{ flywheel }} tofu-validate-all {{ options }}

# Run any command of tofu on a stack, behind the gateway.
[group('state')]
tofu stack *args:
    @{{ flywheel }} tofu {{ stack }} {{ args }}

# Prove the store of a stack's state; what plan, apply and destroy do first.
[group('state')]
tofu-state-authority-deep-check stack *options:
    @{{ flywheel }} tofu-state-authority-deep-check {{ stack }} {{ options }}

# Say which state of a stack was proved last, and where that is remembered.
[group('state')]
tofu-state-witness stack *options:
    @{{ flywheel }} tofu-state-witness {{ stack }} {{ options }}

# Say whether the store of the states is RED, INTERIM or HA, with the evidence.
[group('state')]
tofu-state-ha-readiness *options:
    @{{ flywheel }} tofu-state-ha-readiness {{ options }}

# Find out why RustFS lost a bucket: preserve, diagnose, only then restart.
[group('state')]
rustfs-bucket-index-rca *options:
    @{{ flywheel }} rustfs-bucket-index-rca {{ options }}

# Say which live stores could hold the states highly available.
[group('state')]
ha-state-candidate-inventory *options:
    @{{ flywheel }} ha-state-candidate-inventory {{ options }}

# Look at the store of the states, and at the cache beside it, whatever each step finds; what the pipeline does by the hour.
[group('state')]
state-authority-canary *options:
    @{{ flywheel }} state-authority-canary {{ options }}

# Prove what the store of the states does, and certify it.
[group('state')]
state-store-certify *options:
    @{{ flywheel }} state-store-certify {{ options }}

# Bring a state to the store that could not be written, or give it up.
[group('state')]
tofu-state-recover stack *options:
    @{{ flywheel }} tofu-state-recover {{ stack }} {{ options }}

# Take what a killed apply has made into the state.
[group('state')]
tofu-state-adopt stack *options:
    @{{ flywheel }} tofu-state-adopt {{ stack }} {{ options }}

# Make the state that is there the new truth, after a loss or a rollback.
[group('state')]
tofu-state-accept stack *options:
    @{{ flywheel }} tofu-state-accept {{ stack }} {{ options }}

# Move a state out of the store that its own stack deploys, and back: --to local, --to s3.
[group('state')]
tofu-state-move stack *options:
    @{{ flywheel }} tofu-state-move {{ stack }} {{ options }}

# Encrypt what waits to be recovered into one file, for another machine.
[group('state')]
tofu-recovery-pack stack file:
    @{{ flywheel }} tofu-recovery-pack {{ stack }} {{ file }}

# Put back what was packed on another machine.
[group('state')]
tofu-recovery-unpack stack file:
    @{{ flywheel }} tofu-recovery-unpack {{ stack }} {{ file }}

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

# Prove paths of the Nix cache to the last byte: narinfo, signature, body.
[group('operate')]
attic-nar-integrity-check *options:
    @{{ flywheel }} attic-nar-integrity-check {{ options }}

# Prove blobs of the Bazel cache by their decoded bytes, from the server and in the bucket; changes nothing.
[group('operate')]
bazel-cas-integrity-check *options:
    @{{ flywheel }} bazel-cas-integrity-check {{ options }}

# Build the pinned programs of the rehearsals that are missing (tofu, a control plane, S3 stores), or those that are named.
[group('rehearse')]
tools *names:
    {{ flywheel }} tools build {{ names }}

# Say where each pinned program is, and in which version.
[group('rehearse')]
tools-list *options:
    @{{ flywheel }} tools list {{ options }}

# Apply the stacks from nothing on a rehearsal cluster, and plan each a second time; takes a folder of charts and a minute or two.
[group('rehearse')]
rehearse *args:
    @{{ flywheel }} rehearse {{ args }}

# Start, look at or end a rehearsal cluster on this machine: up, status, down.
[group('rehearse')]
cluster *args:
    @{{ flywheel }} cluster {{ args }}

# Start, look at or end a rehearsal store (S3) on this machine, or serve one that lies: up, status, down, serve.
[group('rehearse')]
store *args:
    @{{ flywheel }} store {{ args }}

# Tell one lie of a store to a bare tofu and to Flywheel, and show side by side what each does.
[group('rehearse')]
store-rehearse lie *options:
    @{{ flywheel }} store rehearse {{ lie }} {{ options }}

# Write the table of lies, and of what notices each; with --record it asks the pinned tofu too, for some minutes.
[group('rehearse')]
store-matrix *options:
    {{ flywheel }} store matrix {{ options }}
