import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js';
import { App, S3Backend, type TerraformMetaArguments, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { peakMiB } from './measurement.ts';
import type { ListedResource } from './resource-list.ts';

// The peer: the same resources by the ordinary way of CDKTF, with the classes of the prebuilt bindings (deep imports, which
// is its fastest form) and its own synthesizer.

type BindingClass = new (scope: Construct, id: string, config: TerraformMetaArguments) => unknown;

async function bindingClass(type: string): Promise<BindingClass> {
  const [provider = '', ...words] = type.split('_');
  const className = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
  const module = await import(`@cdktf/provider-${provider}/lib/${words.join('-')}/index.js`);
  return module[className];
}

async function main(listFile: string): Promise<void> {
  const list: ListedResource[] = JSON.parse(readFileSync(listFile, 'utf8'));
  const outdir = mkdtempSync(join(tmpdir(), 'flywheel-plain-'));
  const startedAt = performance.now();
  const classes = new Map<string, BindingClass>();
  for (const { type } of list) if (!classes.has(type)) classes.set(type, await bindingClass(type));
  const app = new App({ outdir });
  const stacks = new Map<string, TerraformStack>();
  for (const { stack, id, type, config, dependsOn } of list) {
    const RealClass = classes.get(type);
    if (RealClass === undefined) throw new Error(`no class for ${type}`);
    new RealClass(stackNamed(app, stacks, stack), id, {
      ...config,
      dependsOn: dependsOn.map((fqn) => ({ fqn })),
    });
  }
  app.synth();
  const workMs = performance.now() - startedAt;
  rmSync(outdir, { recursive: true });
  process.stdout.write(JSON.stringify({ workMs, peakMiB: peakMiB() }));
}

function stackNamed(app: App, stacks: Map<string, TerraformStack>, name: string): TerraformStack {
  const present = stacks.get(name);
  if (present !== undefined) return present;
  const stack = new TerraformStack(app, name);
  new S3Backend(stack, { bucket: 'state', key: name, region: 'us-east-1' });
  new KubernetesProvider(stack, 'kubernetes', {});
  new HelmProvider(stack, 'helm', {});
  stacks.set(name, stack);
  return stack;
}

void main(process.argv[2] ?? '');
