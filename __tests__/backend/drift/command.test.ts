import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { drift } from '../../../backend/drift/command.ts';
import { startApiServer } from '../../support/api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-drift-command-'));
afterAll(() => rmSync(folder, { recursive: true }));
const printer = { result: () => {}, problem: () => {} };

const stack = join(folder, 'stacks', 'attic');
mkdirSync(stack, { recursive: true });
writeFileSync(join(stack, 'cdk.tf.json'), '{}');

function run(args: string[], environment: NodeJS.ProcessEnv = {}) {
  return drift(args, printer, { CDKTF_OUTDIR: folder, ...environment });
}

test.each([
  [[], 64, 'name the one stack that is to be compared'],
  [['attic', 'other'], 64, 'name the one stack that is to be compared'],
  [
    ['atic'],
    64,
    'there is no stack atic: did you mean attic?\n    there are arc-runners, attic, gitlab-runners, runner-dashboard',
  ],
])('words that are wrong: %j', async (args, exitCode, message) => {
  await expect(run(args)).rejects.toMatchObject({ exitCode, message });
});

test('another cluster than the declared one is not compared', async () => {
  const server = await startApiServer();
  try {
    const kubeconfig = join(folder, 'kubeconfig.json');
    writeFileSync(kubeconfig, server.kubeconfig('other'));
    const environment = { KUBE_CONFIG_PATH: kubeconfig, XDG_STATE_HOME: folder };
    await expect(run(['attic'], environment)).rejects.toThrow(
      /^this is not the cluster of the settings: the context is other .* declare honey\n/,
    );
  } finally {
    await server.close();
  }
});
