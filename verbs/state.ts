import type { Verb } from './verb.ts';

/** Tofu behind the gateway, a stack at a time. */
export const STATE: readonly Verb[] = [
  {
    name: 'bootstrap',
    usage: '[--from folder] [--deadline 2h] [--after-total-loss [--confirm cluster]] [--json]',
    summary: 'bring the four stacks into being, with the store of their states',
    load: async () => {
      const { bootstrap } = await import('../backend/bootstrap/command.ts');
      return (args, printer) => bootstrap(args, printer);
    },
  },
  {
    name: 'status',
    usage: '[stack]... [--json]',
    summary: 'show what is declared, what the state has, and what lives, side by side',
    load: async () => {
      const { status } = await import('../backend/status/command.ts');
      return (args, printer) => status(args, printer);
    },
  },
  {
    name: 'tofu-init',
    usage: '<stack> [--first-run] [--json]',
    summary: 'make a stack ready, for the recipes and for a bare tofu',
    load: async () => {
      const { init } = await import('../backend/tofu/commands/init.ts');
      return (args, printer) => init(args, printer);
    },
  },
  {
    name: 'tofu-plan',
    usage:
      '<stack> [--first-run] [--target a]... [--replace a]... [--refresh-only] [--deadline 30m] [--json]',
    summary: 'prove the store, plan, and keep the plan',
    load: async () => {
      const { plan } = await import('../backend/tofu/commands/plan.ts');
      return (args, printer) => plan(args, printer);
    },
  },
  {
    name: 'tofu-apply',
    usage: '<stack> [--deadline 2h] [--json]',
    summary: 'prove the store, then apply the saved plan and no other',
    load: async () => {
      const { apply } = await import('../backend/tofu/commands/apply.ts');
      return (args, printer) => apply(args, printer);
    },
  },
  {
    name: 'tofu-deploy',
    usage: '<stack> [--first-run] [--deadline 2h] [--json]',
    summary: 'guard, plan, apply, and plan again to verify',
    load: async () => {
      const { deploy } = await import('../backend/tofu/commands/deploy.ts');
      return (args, printer) => deploy(args, printer);
    },
  },
  {
    name: 'tofu-destroy',
    usage: '<stack> [--confirm stack] [--deadline 2h] [--json]',
    summary: 'remove everything of a stack, after its name was typed',
    load: async () => {
      const { destroy } = await import('../backend/tofu/commands/destroy.ts');
      return (args, printer) => destroy(args, printer);
    },
  },
  {
    name: 'tofu-output',
    usage: '<stack> [name] [--json]',
    summary: 'print the outputs of a stack',
    load: async () => {
      const { output } = await import('../backend/tofu/commands/output.ts');
      return (args, printer) => output(args, printer);
    },
  },
  {
    name: 'tofu-state',
    usage: '<stack> list|show <address>|pull',
    summary: 'look at the state of a stack',
    load: async () => {
      const { state } = await import('../backend/tofu/commands/state.ts');
      return (args, printer) => state(args, printer);
    },
  },
  {
    name: 'tofu-unlock',
    usage: '<stack> <lock-id> [--confirm stack]',
    summary: 'remove the lock of somebody else, by its id',
    load: async () => {
      const { unlock } = await import('../backend/tofu/commands/unlock.ts');
      return (args, printer) => unlock(args, printer);
    },
  },
  {
    name: 'tofu-validate-all',
    usage: '[--json]',
    summary: 'let OpenTofu judge all four stacks',
    load: async () => {
      const { validateAll } = await import('../backend/tofu/commands/validate-all.ts');
      return (args, printer) => validateAll(args, printer);
    },
  },
  {
    name: 'tofu',
    usage: '<stack> <command> [options]',
    summary: 'run any command of tofu behind the gateway',
    load: async () => {
      const { passedOn } = await import('../backend/tofu/commands/passed-on.ts');
      return (args, printer) => passedOn(args, printer);
    },
  },
];

/** What proves the store of the states. */
export const GUARD: readonly Verb[] = [
  {
    name: 'tofu-state-authority-deep-check',
    usage: '<stack> [--first-run] [--save folder] [--judge folder] [--json]',
    summary: 'prove the store of a state before anything is changed',
    load: async () => {
      const { deepCheckCommand } = await import('../backend/authority/deep-check.ts');
      return (args, printer) => deepCheckCommand(args, printer);
    },
  },
  {
    name: 'tofu-state-witness',
    usage: '<stack> [--json]',
    summary: 'say which state of a stack was proved last, and where that is remembered',
    load: async () => {
      const { showWitness } = await import('../backend/witness/command.ts');
      return (args, printer) => showWitness(args, printer);
    },
  },
  {
    name: 'tofu-state-ha-readiness',
    usage:
      '[--expect-interim] [--evidence folder] [--prove folder [--watch-maintenance minutes]] [--save folder] [--judge folder] [--json]',
    summary: 'say whether the store of the states is RED, INTERIM or HA',
    load: async () => {
      const { haReadiness } = await import('../backend/rustfs/readiness-command.ts');
      return (args, printer) => haReadiness(args, printer);
    },
  },
  {
    name: 'rustfs-bucket-index-rca',
    usage:
      '[--bucket name] [--scratch-probe] [--strict-scratch-disk-markers] [--save folder] [--judge folder] [--json]',
    summary: 'find out why RustFS lost a bucket: preserve, diagnose, only then restart',
    load: async () => {
      const { rca } = await import('../backend/rustfs/rca-command.ts');
      return (args, printer) => rca(args, printer);
    },
  },
  {
    name: 'ha-state-candidate-inventory',
    usage: '[--save folder] [--judge folder] [--json]',
    summary: 'say which live stores could hold the states highly available',
    load: async () => {
      const { inventory } = await import('../backend/rustfs/inventory-command.ts');
      return (args, printer) => inventory(args, printer);
    },
  },
  {
    name: 'state-authority-canary',
    usage: '[--store-hash hash]... [--save folder] [--json]',
    summary: 'look at the store of the states and the cache beside it, step by step',
    load: async () => {
      const { canary } = await import('../backend/canary/command.ts');
      return (args, printer) => canary(args, printer);
    },
  },
  {
    name: 'state-store-certify',
    usage: '[--out file] [--sign-key file] [--verify file [--signer file]] [--json]',
    summary: 'prove what the store of the states does, and certify it',
    load: async () => {
      const { certify } = await import('../backend/certificate/command.ts');
      return (args, printer) => certify(args, printer);
    },
  },
];

/** The way back after something went wrong. */
export const RECOVER: readonly Verb[] = [
  {
    name: 'tofu-state-recover',
    usage: '<stack> [--discard] [--confirm stack]',
    summary: 'bring a state to the store that could not be written',
    load: async () => {
      const { recover } = await import('../backend/recovery/commands/recover.ts');
      return (args, printer) => recover(args, printer);
    },
  },
  {
    name: 'tofu-state-adopt',
    usage: '<stack> [--older] [--confirm stack]',
    summary: 'take what a killed apply has made into the state',
    load: async () => {
      const { adopt } = await import('../backend/recovery/commands/adopt.ts');
      return (args, printer) => adopt(args, printer);
    },
  },
  {
    name: 'tofu-state-accept',
    usage: '<stack> --serial n --lineage l [--from file] | --empty [--confirm stack]',
    summary: 'make the state that is there the new truth, after a loss or a rollback',
    load: async () => {
      const { accept } = await import('../backend/recovery/commands/accept.ts');
      return (args, printer) => accept(args, printer);
    },
  },
  {
    name: 'tofu-state-move',
    usage: '<stack> --to local|s3',
    summary: 'move a state out of the store that its own stack deploys, and back',
    load: async () => {
      const { move } = await import('../backend/recovery/commands/move.ts');
      return (args, printer) => move(args, printer);
    },
  },
  {
    name: 'tofu-recovery-pack',
    usage: '<stack> <file>',
    summary: 'encrypt what waits to be recovered into one file',
    load: async () => {
      const { packRecovery } = await import('../backend/tofu/commands/recovery-bundle.ts');
      return (args, printer) => packRecovery(args, printer);
    },
  },
  {
    name: 'tofu-recovery-unpack',
    usage: '<stack> <file>',
    summary: 'put back what was packed on another machine',
    load: async () => {
      const { unpackRecovery } = await import('../backend/tofu/commands/recovery-bundle.ts');
      return (args, printer) => unpackRecovery(args, printer);
    },
  },
];
