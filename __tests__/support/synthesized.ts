import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { readCharts } from '../../config/charts.ts';
import { readImages } from '../../config/images.ts';
import { readSettings } from '../../config/read-settings.ts';
import type { Settings } from '../../config/settings.ts';
import { ManagedNamespace } from '../../constructs/namespace/managed-namespace.ts';
import type { ClusterNetwork } from '../../constructs/workload/flows.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { FlywheelStack } from '../../stacks/flywheel-stack.ts';
import type { StackContext } from '../../stacks/stack-context.ts';
import { withoutCapturedStacks } from '../../synthesis/stack-traces.ts';
import { exampleFile } from './examples.ts';

/** The arguments of one resource in the JSON of a stack. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into JSON of any shape
export type Json = any;

/** Settings of an example with the shipped pins, changed where a test says so. */
export function exampleContext(
  name: string,
  change: (settings: Settings) => Settings = (same) => same,
): StackContext {
  return {
    settings: change(readSettings(exampleFile(name))),
    images: readImages(),
    charts: readCharts(),
  };
}

/** The text of all four stacks, by stack. */
export function synthesizeStacks(context: StackContext): Record<string, string> {
  return inTemporaryFolder((folder) => {
    const app = new App({ outdir: folder });
    const stacks = defineStacks(app, context);
    app.synth();
    return Object.fromEntries(
      stacks.map(({ node }) => [
        node.id,
        readFileSync(join(folder, 'stacks', node.id, 'cdk.tf.json'), 'utf8'),
      ]),
    );
  });
}

/** A network such as a small cluster has. */
export const NETWORK: ClusterNetwork = {
  dnsNamespace: 'kube-system',
  apiServer: { cidrs: ['10.43.0.1/32'], ports: [443, 6443] },
  ingress: { namespace: 'ingress', cidrs: [] },
  privateRanges: ['10.0.0.0/8'],
};

/** The JSON of a stack that holds what `define` makes; a namespace is there to put it into. */
export function synthesizeConstruct(
  define: (stack: FlywheelStack, namespace: ManagedNamespace) => void,
): Json {
  return inTemporaryFolder((folder) => {
    const app = new App({ outdir: folder });
    const stack = new FlywheelStack(app, 'stack', {
      bucket: 'state',
      key: 'stack/terraform.tfstate',
      region: 'us-east-1',
      pathStyle: true,
    });
    const namespace = new ManagedNamespace(stack, 'home', {
      name: 'home',
      podSecurity: 'restricted',
      trust: 'services',
      partOf: 'test',
      keep: true,
    });
    define(stack, namespace);
    app.synth();
    return JSON.parse(readFileSync(join(folder, 'stacks', 'stack', 'cdk.tf.json'), 'utf8'));
  });
}

/** All resources of a type, in the order of their addresses. */
export function resourcesOf(json: Json, type: string): Json[] {
  return Object.values(json.resource?.[type] ?? {});
}

/** The one resource of a type whose Kubernetes name, or Helm release name, is the given one. */
export function named(json: Json, type: string, name: string): Json {
  const found = resourcesOf(json, type).filter(
    (resource) => (resource.metadata?.name ?? resource.name) === name,
  );
  if (found.length !== 1)
    throw new Error(`${found.length} resources of type ${type} are named ${name}`);
  return found[0];
}

function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-test-'));
  try {
    return withoutCapturedStacks(() => work(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
