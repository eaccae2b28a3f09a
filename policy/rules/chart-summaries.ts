import type { Rule } from '../rule.ts';

/** What nobody can see is not good. */
export const chartSummary: Rule = {
  id: 'chart-summary',
  severity: 'error',
  meaning: 'What every pinned chart renders with our values is known.',
  *judge({ gaps }) {
    for (const { address, problem, remedy } of gaps) yield { resource: address, problem, remedy };
  },
};
