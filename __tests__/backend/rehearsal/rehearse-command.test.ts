import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rehearseLie } from '../../../backend/rehearsal/rehearse-command.ts';
import { EXIT } from '../../../console/exit-code.ts';

/** Rehearses on a machine without tofu. */
async function rehearsed(...args: readonly string[]) {
  const built = mkdtempSync(join(tmpdir(), 'flywheel-no-tofu-'));
  onTestFinished(() => rmSync(built, { recursive: true, force: true }));
  const lines: string[] = [];
  const printer = { result: (line: string) => void lines.push(line), problem: () => {} };
  const place = { modules: 'tools', built, environment: { PATH: built } };
  const code = await rehearseLie(args, printer, place);
  return { code, lines };
}

describe('flywheel store rehearse', () => {
  test('shows what a lie comes to on both sides, also without tofu', async () => {
    const { code, lines } = await rehearsed('hidden-key');
    expect(code).toBe(EXIT.good);
    const stamped = lines.map((line) => line.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'));
    expect(stamped.join('\n')).toMatchInlineSnapshot(`
      "hidden-key: the store says of a state that is there that there is none
          from measured: stock OpenTofu plans to create everything again, exit 0
          begins when a state was written and unlocked, stops never
          without tofu, by the requests it was recorded with: tofu 1.12.6 is not built, and no tofu is on PATH

      STOCK: the recorded client                       FLYWHEEL: the recorded client behind guards
      tofu apply: exit 0 after 0 s                     and gateway
      => SILENT: believed that there is no state       just tofu-apply: exit 2 after 0 s
                                                       => CAUGHT by the deep check: state-readable,
                                                       exit 2

      FAIL  state-readable    there is no arc-runners/terraform.tfstate, and serial 2 of it was proved at <time>: it is hidden, or lost
            fix: keep the evidence: just tofu-state-authority-deep-check arc-runners --save DIR; then just rustfs-bucket-index-rca --bucket tofu-state, and no restart before it has run
      state authority of arc-runners: proved bad: nothing may be changed

      If it begins when the guards have just passed: => CAUGHT by the gateway: state-hidden, exit 2

      state-hidden: the store answered that there is no state
          request   GET tofu-state/arc-runners/terraform.tfstate
          expected  serial 2 of lineage 3f1d7c52-8f0e-4c1b-9a53-5f0e2d9b7a11 (sha256 5aadc6bed1c3), proved at <time> by operator@here
          now       apply nothing; run just rustfs-bucket-index-rca --bucket tofu-state and keep what it prints before anything is restarted

      This was a rehearsal on a store of its own, and nothing of it is left."
    `);
    expect(lines.length).toBeLessThanOrEqual(40);
  });

  test('shows what is only seen by the next run', async () => {
    const { code, lines } = await rehearsed('undone-after-a-second', '--command', 'destroy');
    expect(code).toBe(EXIT.good);
    const text = lines.join('\n');
    expect(text).toContain('=> SILENT: later believed serial 2 where 3');
    expect(text).toContain('the next plan: exit 2');
    expect(text).toContain('FAIL  state-standing');
  });

  test('shows what a lock that excludes nobody comes to when somebody else applies', async () => {
    const { lines } = await rehearsed('if-none-match-ignored');
    const text = lines.join('\n');
    expect(text).toContain('And at the same moment as somebody else (the recorded client):');
    expect(text).toContain('stock     => SILENT: wrote over a state that it had not read');
    expect(text).toContain('Flywheel  => CAUGHT by the gateway: lock-not-exclusive, exit 2');
  });

  test('reports the same to programs', async () => {
    const { lines } = await rehearsed('write-dropped', '--json');
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      lie: 'write-dropped',
      command: 'apply',
      by: { recorded: expect.stringContaining('tofu') },
      stock: { outcome: { kind: 'silent' }, runs: [{ exitCode: 0 }, { exitCode: 0 }] },
      flywheel: { outcome: { kind: 'caught', by: 'deep check', exitCode: 2 } },
      behindTheGuards: {
        outcome: { kind: 'caught', by: 'gateway', code: 'write-lost' },
        runs: [{ findings: [{ code: 'write-lost', exitCode: 2 }] }],
      },
    });
  });

  test.each([
    [['hiden-key'], 'there is no lie hiden-key: did you mean hidden-key?'],
    [[], 'name one lie'],
    [['slow', 'hidden-key'], 'name one lie'],
    [
      ['slow', '--command', 'aply'],
      '--command must be one of init, plan, apply, destroy, got: aply',
    ],
  ])('refuses %j', async (args, because) => {
    const refused = rehearsed(...args);
    await expect(refused).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(refused).rejects.toThrow(because);
  });
});
