import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublishedStack, publishedStacks } from '../../operations/published-stacks.ts';
import { exampleFile } from '../support/examples.ts';

/** The stacks of an example in a folder of their own, as `just synth` writes them. Whoever asks removes it. */
export interface SynthesizedExample {
  readonly outdir: string;
  readonly stacks: readonly PublishedStack[];
}

/** Synthesizes an example as a person would who has the given settings in the environment. */
export function synthesizeExample(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): SynthesizedExample {
  const outdir = mkdtempSync(join(tmpdir(), `flywheel-${name}-`));
  const settings = { FLYWHEEL_CONFIG: exampleFile(name), CDKTF_OUTDIR: outdir };
  const { status, stderr } = spawnSync(process.execPath, ['bin/flywheel.cjs', 'synth'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment, ...settings },
  });
  if (status !== 0) throw new Error(`${name} cannot be synthesized: ${stderr}`);
  return { outdir, stacks: publishedStacks([], { CDKTF_OUTDIR: outdir }) };
}
