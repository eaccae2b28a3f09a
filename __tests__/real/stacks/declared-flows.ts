import type { DeclaredFlow, FlowEnd } from '../../../operations/rehearsal/cluster/flows.ts';

const INSTANCE = 'app.kubernetes.io/instance';

function pods(namespace: string, instance: string): FlowEnd {
  return { namespace, labels: { [INSTANCE]: instance } };
}

const attic = pods('nix-cache', 'attic');
const store = pods('nix-cache', 'attic-rustfs-openebs');
const bazel = pods('nix-cache', 'bazel-cache');
const dashboard = pods('runner-dashboard', 'runner-dashboard');
const manager: FlowEnd = { namespace: 'gitlab-runners', labels: { release: 'docker-runner' } };
const database: FlowEnd = { namespace: 'nix-cache', labels: { 'cnpg.io/cluster': 'attic-pg' } };
const internet: FlowEnd = { address: '203.0.113.7' };

const STORE_PORT = 9000;
const HTTPS_PORT = 443;
const POSTGRES_PORT = 5432;

/** Connections that the stacks need, and some that nobody needs. */
export const FLOWS: readonly DeclaredFlow[] = [
  {
    what: 'attic to the store',
    from: attic,
    to: store,
    port: { port: STORE_PORT },
    expected: 'allowed',
  },
  {
    what: 'attic to its database',
    from: attic,
    to: database,
    port: { port: POSTGRES_PORT },
    expected: 'allowed',
  },
  {
    what: 'the Bazel cache to the store',
    from: bazel,
    to: store,
    port: { port: STORE_PORT },
    expected: 'allowed',
  },
  {
    what: 'the Bazel cache to the database',
    from: bazel,
    to: database,
    port: { port: POSTGRES_PORT },
    expected: 'denied',
  },
  {
    what: 'the dashboard to the store',
    from: dashboard,
    to: store,
    port: { port: STORE_PORT },
    expected: 'denied',
  },
  {
    what: 'a manager to the forge',
    from: manager,
    to: internet,
    port: { port: HTTPS_PORT },
    expected: 'allowed',
  },
  {
    what: 'a manager to the store',
    from: manager,
    to: store,
    port: { port: STORE_PORT },
    expected: 'denied',
  },
  {
    what: 'a manager to the database',
    from: manager,
    to: database,
    port: { port: POSTGRES_PORT },
    expected: 'denied',
  },
];

/** What must not be possible with what outlives a destroy: the database goes on running, and nobody is there to use it. */
export const FLOWS_AFTER_DESTROY: readonly DeclaredFlow[] = [
  {
    what: 'an outsider to the database',
    from: internet,
    to: database,
    port: { port: POSTGRES_PORT },
    expected: 'denied',
  },
  {
    what: 'the database to the internet',
    from: database,
    to: internet,
    port: { port: HTTPS_PORT },
    expected: 'denied',
  },
];
