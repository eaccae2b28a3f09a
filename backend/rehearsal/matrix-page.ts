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

interface Shown {
  /** In the data. */
  readonly column: string;
  readonly title: string;
}

const PROMISED: readonly Shown[] = COLUMNS.filter(
  ({ circumstance }) => circumstance === 'from the beginning',
).map(({ name, title }) => ({ column: name, title }));
const RECORDED: readonly Shown[] = RECORDED_COMMANDS.map((command) => ({
  column: tofuColumn(command),
  title: `stock ${command}`,
}));
const FIRST = [...PROMISED, ...RECORDED];
const SECOND: readonly Shown[] = COLUMNS.filter(
  ({ circumstance, who }) =>
    circumstance !== 'from the beginning' &&
    (who === 'flywheel' || circumstance !== 'behind the guards'),
).map(({ name, title, who }) => ({
  column: name,
  title: who === 'stock' ? `stock ${title}` : title,
}));

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
  first, and most lies end there: \`deep check: state-readable\` names who caught it, and the check or the finding.
- The second table of each kind leaves the guards out: the lie begins when they have just passed, so that the gateway is alone with
  it. The apply runs once by itself, once while somebody else applies in the midst of it, once at the same moment.
- What is undone later is *caught by the next run*, at its first read.
- Seconds are those of the store and of pauses before another attempt, in a time that passes at once; what tofu needs for itself is
  left out. A hang is caught at the deadline of one request, 20 s.
- *Stock OpenTofu*: plan and apply were run with OpenTofu ${data.tofu} itself. With somebody else it is the recorded client: it
  sends what tofu was seen to send, and goes on or stops as tofu does.

Try one: \`just store-rehearse hidden-key\`. Serve one to any client: \`flywheel store serve --lie hidden-key\`.
`;
}

/** Two tables: what was promised, and what the gateway does when it is alone with a lie. */
function section(kind: LieKind, { lies }: MatrixData): string {
  const names = LIES.filter((lie) => lie.kind === kind);
  const cell = (lie: string, column: string) => cellText(lies[lie]?.[column] ?? 'not run');
  const first = names.map(({ name, does, origin }) => [
    code(name),
    does,
    origin,
    ...FIRST.map(({ column }) => cell(name, column)),
  ]);
  const second = names.map(({ name }) => [
    code(name),
    ...SECOND.map(({ column }) => cell(name, column)),
  ]);
  return [
    `## ${KINDS[kind]}\n`,
    ...table(['lie', 'the store', 'from', ...FIRST.map(({ title }) => title)], first),
    'When the lie begins behind the guards:\n',
    ...table(['lie', ...SECOND.map(({ title }) => title)], second),
  ].join('\n');
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line), ''];
}

function isSilent(row: Row, column: string): boolean {
  return row[column]?.startsWith('SILENT') === true;
}

function cellText(text: string): string {
  const [, by, finding, rest] = /^caught by the ([\w ]+): ([\w-]+), (.*)$/.exec(text) ?? [];
  if (by !== undefined && finding !== undefined) return `${by}: ${code(finding)}, ${rest}`;
  return escaped(text.replace(/^SILENT/, '**SILENT**'));
}

function code(word: string): string {
  return `\`${word}\``;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
