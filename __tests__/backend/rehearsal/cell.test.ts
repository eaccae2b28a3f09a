import { describe, expect, test } from 'vitest';
import { always } from '../../../backend/lying-store/effects.ts';
import type { Lie } from '../../../backend/lying-store/lie.ts';
import { type Cell, outcomeOf } from '../../../backend/rehearsal/cell.ts';
import { outcomeText } from '../../../backend/rehearsal/outcome.ts';
import { RecordedStage } from '../../../backend/rehearsal/recorded-stage.ts';
import { REHEARSED } from '../../../backend/rehearsal/rehearsed-store.ts';
import { readSettings } from '../../../config/read-settings.ts';
import { exampleFile } from '../../support/examples.ts';

const SETTINGS = readSettings(exampleFile('tinyland'));

async function outcome(lie: Partial<Lie>, cell: Partial<Cell>): Promise<string> {
  const stage = await RecordedStage.open(SETTINGS);
  const told: Lie = {
    name: 'without-a-name',
    kind: 'reading',
    origin: 'this test',
    does: 'does what this test says',
    on: 'a read of a state',
    tell: always(({ honest }) => honest()),
    ...lie,
  };
  const alone = { command: 'apply', circumstance: 'behind the guards', who: 'stock' } as const;
  return outcomeText(await outcomeOf(stage, { lie: told, ...alone, ...cell }));
}

const WROTE_ELSE: Partial<Lie> = {
  on: 'giving a lock back',
  tell: always(({ truth, honest }) => {
    truth.plant(REHEARSED.bucket, REHEARSED.key, Buffer.from('{"version":4,"serial":9}'));
    return honest();
  }),
};

describe('what a cell comes to is judged by the truth, not by the name of a lie', () => {
  test('an honest store under the name of a lie is harmless', async () => {
    expect(await outcome({}, {})).toBe('harmless: only the truth was believed');
    expect(await outcome({ on: 'a listing of buckets' }, {})).toBe('harmless: not met');
  });

  test('whatever replaces a state that was acknowledged is silent to tofu by itself, and caught behind the gateway', async () => {
    expect(await outcome(WROTE_ELSE, {})).toBe('SILENT: later believed serial 9 where 3 is true');
    expect(await outcome(WROTE_ELSE, { who: 'flywheel' })).toMatch(/^caught by the next run: /);
  });

  test('a state that nobody wrote is silent where it is believed', async () => {
    const later = Buffer.from('{"version":4,"serial":7,"lineage":"x","resources":[]}');
    const answer = { status: 200, headers: { 'content-length': `${later.length}` }, body: later };
    const lie: Partial<Lie> = { tell: always(() => answer) };
    expect(await outcome(lie, { command: 'plan' })).toBe(
      'SILENT: believed serial 7 where 2 is true',
    );
    expect(await outcome(lie, { command: 'plan', who: 'flywheel' })).toBe(
      'caught by the gateway: state-other-lineage, exit 2, 0 s',
    );
  });

  test('two that write over each other are silent, however they end', async () => {
    const lie: Partial<Lie> = {
      on: 'taking a lock',
      tell: always(({ request, honest }) => honest({ ...request, headers: {} })),
    };
    const crowd = { circumstance: 'racing another' } as const;
    expect(await outcome(lie, crowd)).toBe('SILENT: wrote over a state that it had not read');
    expect(await outcome(lie, { ...crowd, who: 'flywheel' })).toBe(
      'caught by the gateway: lock-not-exclusive, exit 2, 0 s',
    );
  });

  test('whoever is kept out by the lock of another is no failure of the store', async () => {
    for (const circumstance of ['beside another', 'racing another'] as const) {
      expect(await outcome({}, { circumstance, who: 'flywheel' })).toMatch(/^harmless/);
      expect(await outcome({}, { circumstance })).toMatch(/^harmless/);
    }
  });
});
