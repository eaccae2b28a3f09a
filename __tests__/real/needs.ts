import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { installProviders } from '../../operations/providers/install-providers.ts';
import { requiredProviders } from '../../operations/providers/required-providers.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { type Located, locate, type ProgramName } from '../../operations/tools/locate.ts';

const located = new Map<ProgramName, Promise<Located>>();

/** Where a pinned program is; a test that needs it is not run where it is not there, and says why. */
export async function needsProgram({ skip }: TestContext, name: ProgramName): Promise<string> {
  const asked = located.get(name) ?? locate(name);
  located.set(name, asked);
  const found = await asked;
  return found.status === 'found' ? found.path : skip(`${found.because} (${found.fix})`);
}

/** A folder in which the providers of a stack are installed; a test that needs one that cannot be had is not run, and says why. */
export async function needsProviders(
  context: TestContext,
  json: unknown,
): Promise<{
  readonly tofu: string;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}> {
  const tofu = await needsProgram(context, 'tofu');
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-with-providers-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const environment = tofuEnvironment(process.env);
  const { terraform, provider } = json as {
    terraform: { required_providers: object };
    provider: object;
  };
  const { required_providers } = terraform;
  writeFileSync(
    join(folder, STACK_FILE),
    JSON.stringify({ terraform: { required_providers }, provider }),
  );
  const required = requiredProviders(json);
  const installed = await installProviders({ tofu, folder, required, environment });
  if (installed.status === 'missing') context.skip(installed.because);
  return { tofu, folder, environment };
}
