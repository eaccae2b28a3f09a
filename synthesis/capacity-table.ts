import { table } from '../console/table.ts';
import type { QuotaKey } from '../policy/capacity.ts';
import type { CapacitySummary, PodDemand } from '../policy/capacity-summary.ts';
import { shownAmount } from '../policy/model/amounts.ts';

/** The columns: what of a demand they show, and which key of a quota bounds it. */
const COLUMNS: readonly {
  readonly title: string;
  readonly key: QuotaKey;
  readonly of: (demand: PodDemand) => number;
  readonly show: (amount: number) => string;
}[] = [
  { title: 'pods', key: 'pods', of: ({ pods }) => pods, show: String },
  {
    title: 'CPU requested',
    key: 'requests.cpu',
    of: ({ requests }) => requests.cpu,
    show: (amount) => shownAmount('cpu', amount),
  },
  {
    title: 'memory requested',
    key: 'requests.memory',
    of: ({ requests }) => requests.memory,
    show: (amount) => shownAmount('memory', amount),
  },
  {
    title: 'CPU limit',
    key: 'limits.cpu',
    of: ({ limits }) => limits.cpu,
    show: (amount) => shownAmount('cpu', amount),
  },
  {
    title: 'memory limit',
    key: 'limits.memory',
    of: ({ limits }) => limits.memory,
    show: (amount) => shownAmount('memory', amount),
  },
];

/** A line for each namespace with its quota, one for all together, and one for the nodes. */
export function capacityLines({ namespaces, total, nodes }: CapacitySummary): string[] {
  if (namespaces.length === 0) return [];
  const offered = (key: QuotaKey) => {
    if (key === 'pods') return nodes?.pods;
    return key.endsWith('.cpu') ? nodes?.cpu : nodes?.memory;
  };
  return [
    ...table(
      ['namespace', ...COLUMNS.map(({ title }) => title)],
      [
        ...namespaces.map(({ namespace, quota, ...demand }) => [
          namespace,
          ...COLUMNS.map(({ key, of, show }) => beside(of(demand), quota[key], show)),
        ]),
        ['all', ...COLUMNS.map(({ key, of, show }) => beside(of(total), offered(key), show))],
      ],
    ),
    nodes === null
      ? 'second numbers are quotas; whether all of it fits is not known: cluster.nodes declares none'
      : 'second numbers are quotas, and for all together what the declared nodes offer',
  ];
}

function beside(amount: number, most: number | undefined, show: (amount: number) => string) {
  return most === undefined ? show(amount) : `${show(amount)} of ${show(most)}`;
}
