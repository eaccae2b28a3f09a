import type { LieKind } from '../lying-store/lie.ts';
import { LIES } from '../lying-store/lies.ts';
import { COLUMNS, type MatrixData, RECORDED_COMMANDS, type Row, tofuColumn } from './matrix.ts';

/** The generated page. */
export const MATRIX_PAGE = 'docs/lying-store.md';

const KINDS: Readonly<Record<LieKind, string>> = {
  reading: 'Reading a state',
  writing: 'Writing a state',
  locking: 'Locking',
  bucket: 'Buckets and listings',
  connection: 'Connections',
};

/** The whole page. */
export function matrixPage(data: MatrixData): string {
  const kinds = Object.keys(KINDS) as LieKind[];
  return [head(data), ...kinds.map((kind) => section(kind, data))].join('\n');
}

function head(data: MatrixData): string {
  const rows = Object.values(data.lies);
  const ours = COLUMNS.filter(({ who }) => who === 'flywheel').map(({ name }) => name);
  const silent = (columns: readonly string[]) =>
    rows.filter((row) => columns.some((column) => isSilent(row, column))).length;
  const [plan, apply] = RECORDED_COMMANDS.map((command) => silent([tofuColumn(command)]));
  return `# What a lying store does to OpenTofu, and what Flywheel does about it

Made by \`just store-matrix\` from runs: every lie of the lying store is told to every command, and what became of it is judged by
what the store really holds, not by the name of the lie. Each cell is one of three: *caught*, by whom, with which finding, exit code
and after how many seconds; *harmless*, because nobody was told a lie, or because only the truth was believed and kept; or **SILENT**:
a wrong state was believed, or what was acknowledged was lost, and the command ended well.

- ${rows.length} lies. Silent behind Flywheel: ${silent(ours)}. Silent to stock OpenTofu ${data.tofu}: ${plan} in a plan, ${apply} in an apply.
- *init*, *plan*, *apply*, *destroy*, *deep check*: the lie is there from the beginning. Plan, apply and destroy run the deep check
  first, and most lies end there. The columns after them leave that out: the lie begins when the guards have just passed, so that
  the gateway is alone with it; once by itself, once while somebody else applies in the midst of it, once at the same moment.
- What is undone later is *caught by the next run*, at its first read.
- Seconds are those of the store and of pauses before another attempt, in a time that passes at once; what tofu needs for itself is
  left out. A hang is caught at the deadline of one request, 20 s.
- *Stock OpenTofu*: plan and apply were run with OpenTofu ${data.tofu} itself. With somebody else it is the recorded client: the requests
  that tofu was seen to send, with its answers to what comes.

Try one: \`just store-rehearse hidden-key\`. Serve one to any client: \`flywheel store serve --lie hidden-key\`.
`;
}

function section(kind: LieKind, { lies }: MatrixData): string {
  const tofu = RECORDED_COMMANDS.map((command) => ({
    name: tofuColumn(command),
    title: `stock ${command}`,
  }));
  const stock = COLUMNS.filter(
    ({ who, circumstance }) => who === 'stock' && circumstance !== 'behind the guards',
  );
  const columns = [
    ...COLUMNS.filter(({ who }) => who === 'flywheel'),
    ...tofu,
    ...stock.map(({ name, title }) => ({ name, title: `stock ${title}` })),
  ];
  const titles = ['lie', 'the store', 'from', ...columns.map(({ title }) => title)];
  const rows = LIES.filter((lie) => lie.kind === kind).map(({ name, does, origin }) => {
    const cells = columns.map((column) => cellText(lies[name]?.[column.name] ?? 'not run'));
    return line([`\`${name}\``, does, origin, ...cells]);
  });
  return [`## ${KINDS[kind]}\n`, line(titles), line(titles.map(() => '---')), ...rows, ''].join(
    '\n',
  );
}

function isSilent(row: Row, column: string): boolean {
  return row[column]?.startsWith('SILENT') === true;
}

function cellText(text: string): string {
  return escaped(text.startsWith('SILENT') ? text.replace('SILENT', '**SILENT**') : text);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
