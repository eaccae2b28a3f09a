import { describe, expect, test } from 'vitest';
import { check } from '../../policy/check.ts';
import { RULE_TABLE } from '../../policy/rule-table.ts';
import { RULE_IDS } from '../../values/rule-id.ts';
import { committedSummaries } from './committed-summaries.ts';
import { FAULT_EXAMPLES } from './examples/all.ts';
import type { FaultExample } from './examples/fault-example.ts';
import { goodCluster } from './good-cluster.ts';

const ALL = Object.values(FAULT_EXAMPLES).flat();

test('no rule finds fault with the good cluster', () => {
  expect(check(goodCluster().finished(), committedSummaries)).toEqual([]);
});

describe('the table of rules', () => {
  test('holds every rule that settings may waive, in the order of their names', () => {
    expect(RULE_TABLE.map(({ id }) => id)).toEqual(RULE_IDS);
    expect(RULE_IDS.toSorted()).toEqual(RULE_IDS);
  });

  test('says of every rule in one line what must hold', () => {
    for (const { id, meaning } of RULE_TABLE) {
      expect(meaning, id).toMatch(/^[A-Z][^\n]{20,220}\.$/);
    }
  });

  test.each(RULE_IDS)('%s has an example of its fault', (id) => {
    expect(ALL.filter(({ rule }) => rule === id)).not.toEqual([]);
  });
});

describe.each(Object.entries(FAULT_EXAMPLES))('rules about %s', (_, examples) => {
  test.each(examples.map((example) => [title(example), example] as const))(
    '%s',
    (_name, { rule, change, finds }) => {
      const draft = goodCluster();
      change(draft);
      const found = check(draft.finished(), committedSummaries).filter(
        (finding) => finding.rule === rule,
      );
      expect(
        found.map(({ severity, resource, problem }) => ({ severity, resource, problem })),
      ).toEqual(finds.map((expected) => ({ severity: 'error', ...expected })));
      for (const { remedy } of found) expect(remedy).not.toBe('');
    },
  );
});

function title({ rule, fault, finds }: FaultExample): string {
  const stops = finds.some(({ severity = 'error' }) => severity === 'error');
  return `${rule} ${stops ? 'rejects' : 'tells of'} ${fault}`;
}
