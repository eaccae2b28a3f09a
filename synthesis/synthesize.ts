import { mkdtempSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';
import { withoutCapturedStacks } from './stack-traces.ts';

/** A stack with its JSON, as written and as read back. */
export interface SynthesizedStack {
  readonly stack: FlywheelStack;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly milliseconds: number;
}

/** A complete result that lies in a folder of its own and that nobody else sees yet. */
export interface Staged {
  readonly folder: string;
  readonly stacks: readonly SynthesizedStack[];
}

/**
 * Builds and synthesizes the stacks into a temporary folder, hands the result over, and removes the folder.
 *
 * @param define builds the stacks in the given App and returns each
 * @param use what to do with the result while it exists
 */
export function withSynthesized<T>(
  define: (app: App) => readonly FlywheelStack[],
  use: (staged: Staged) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-'));
  try {
    const stacks = withoutCapturedStacks(() => {
      const app = new App({ outdir: folder });
      const defined = define(app);
      app.synth();
      return defined;
    });
    return use({ folder, stacks: stacks.map((stack) => readBack(folder, stack)) });
  } finally {
    removeFolder(folder);
  }
}

function readBack(folder: string, stack: FlywheelStack): SynthesizedStack {
  const text = readFileSync(join(folder, 'stacks', stack.node.id, 'cdk.tf.json'), 'utf8');
  return { stack, text, json: JSON.parse(text), milliseconds: stack.milliseconds };
}

/** What `rmSync` does too, but by trying every folder first and making an error of each that is not empty. */
function removeFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeFolder(path);
    else unlinkSync(path);
  }
  rmdirSync(folder);
}
