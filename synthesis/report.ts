import type { Printer } from '../console/printer.ts';
import { table } from '../console/table.ts';
import { printable } from '../values/invalid-value.ts';
import { capacityLines } from './capacity-table.ts';
import type { Outcome } from './outcome.ts';

interface Section {
  readonly title: string;
  /** What stands there when nothing is to be told. */
  readonly empty: string;
  readonly lines: (outcome: Outcome) => string[];
}

/** What `report` tells, in the order in which it tells it. */
const SECTIONS: readonly Section[] = [
  {
    title: 'Components',
    empty: 'none',
    lines: ({ inventory }) =>
      table(
        ['component', 'namespace', 'replicas', 'HA', 'lost with', 'backup'],
        inventory.components.map(
          ({ component, namespace, replicas, highlyAvailable, failureDomain, backup }) => [
            component,
            namespace,
            replicas,
            highlyAvailable ? 'yes' : 'no',
            failureDomain,
            backup,
          ],
        ),
      ),
  },
  {
    title: 'Secrets that must exist',
    empty: 'none',
    lines: ({ inventory }) =>
      table(
        ['secret', 'kind', 'keys', 'made by', 'stacks'],
        inventory.secrets.map(({ namespace, name, kind, keys, origin, stacks }) => [
          `${namespace}/${name}`,
          kind,
          keys.join(' '),
          origin,
          stacks.join(' '),
        ]),
      ),
  },
  {
    title: 'Capacity, when everything runs at its most',
    empty: 'no pods',
    lines: ({ capacity }) => capacityLines(capacity),
  },
  {
    title: 'Weakenings',
    empty: 'none: every pod is hardened throughout',
    lines: ({ inventory }) =>
      inventory.weakenings.flatMap(({ workload, what, reason }) => [
        `${workload}: ${what}`,
        `    ${reason}`,
      ]),
  },
  {
    title: 'Waived findings',
    empty: 'none',
    lines: ({ verdict }) =>
      verdict.waived.flatMap(({ rule, resource, reason }) => [
        `${rule}  ${resource}`,
        `    ${reason}`,
      ]),
  },
  {
    title: 'To know',
    empty: 'nothing',
    lines: ({ inventory }) => inventory.notes.map(({ subject, note }) => `${subject}: ${note}`),
  },
];

/** Prints what the stacks hold, section by section. */
export function printReport(outcome: Outcome, printer: Printer): void {
  printer.result(`${outcome.organization}, as ${outcome.settings} has it`);
  printer.result('');
  for (const { title, empty, lines } of SECTIONS) {
    const told = lines(outcome);
    printer.result(title);
    for (const line of told.length === 0 ? [empty] : told) printer.result(`  ${printable(line)}`);
    printer.result('');
  }
}
