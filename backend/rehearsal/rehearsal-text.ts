import { verdictLines } from '../authority/verdict.ts';
import { findingLines } from '../finding.ts';
import { spanText } from '../lying-store/lie.ts';
import type { ToldCell } from './cell.ts';
import { type Outcome, secondsOf } from './outcome.ts';
import type { Ran } from './ran.ts';
import type { Rehearsal } from './rehearsal.ts';
import { sideBySide } from './side-by-side.ts';

const WIDTH = 46;
const CROWDS = {
  'beside another': 'while somebody else applies in the midst of it',
  'racing another': 'at the same moment as somebody else',
} as const satisfies Partial<Record<string, string>>;

/** A rehearsal for people, on one screen. */
export function rehearsalLines(rehearsal: Rehearsal): string[] {
  const { lie, command, tofu, because, stock, flywheel, gateway, crowded } = rehearsal;
  const { begins, stops } = spanText(lie);
  const by = tofu === undefined ? 'the recorded client' : `OpenTofu ${tofu}`;
  return [
    `${lie.name}: the store ${lie.does}`,
    `    from ${lie.origin}`,
    `    begins ${begins}, stops ${stops}`,
    ...(tofu === undefined
      ? [`    without tofu, by the requests it was recorded with: ${because}`]
      : []),
    '',
    ...sideBySide(
      [`STOCK: ${by}`, ...sideLines(stock, `tofu ${command}`)],
      [`FLYWHEEL: ${by} behind guards and gateway`, ...sideLines(flywheel, recipeOf(command))],
      WIDTH,
    ),
    ...detailLines(flywheel),
    ...(gateway === undefined
      ? []
      : [
          '',
          `If it begins when the guards have just passed: ${outcomeWords(gateway.outcome)}`,
          ...detailLines(gateway),
        ]),
    ...crowded.flatMap((crowd) => [
      '',
      `And ${wordsOf(crowd.circumstance)} (the recorded client):`,
      `    stock     ${outcomeWords(crowd.stock)}`,
      `    Flywheel  ${outcomeWords(crowd.flywheel)}`,
    ]),
    '',
    'This was a rehearsal on a store of its own, and nothing of it is left.',
  ];
}

function recipeOf(command: string): string {
  return `just tofu-${command}`;
}

/** What one side did, and what became of it. */
function sideLines({ outcome, runs }: ToldCell, command: string): string[] {
  const ran = runs.map((run, index) =>
    index === 0 ? runWords(run, command) : runWords(run, 'the next plan'),
  );
  return [...ran, outcomeWords(outcome)];
}

function runWords(run: Ran, what: string): string {
  const ending = run.exitCode === undefined ? 'no end' : `exit ${run.exitCode}`;
  const said = run.says || (run.ended === 'well' ? '' : run.by === 'tofu' ? run.code : '');
  return `${what}: ${ending} after ${secondsOf(run.ms)} s${said === '' ? '' : `; ${shortened(said)}`}`;
}

function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'silent':
      return `=> SILENT: ${outcome.wrong}`;
    case 'harmless':
      return `=> harmless: ${outcome.because === 'not met' ? 'nothing was asked that it lies about' : outcome.because}`;
    case 'caught': {
      const { by, code, exitCode } = outcome;
      if (by === 'tofu')
        return exitCode === undefined ? '=> hangs' : `=> noticed, exit ${exitCode}`;
      const ending = exitCode === undefined ? 'no end' : `exit ${exitCode}`;
      return `=> CAUGHT by the ${by}: ${shortened(code)}, ${ending}`;
    }
  }
}

/** What was found, as the recipes print it. */
function detailLines({ runs }: ToldCell): string[] {
  const lines = runs.flatMap(({ verdict, findings }) => [
    ...(verdict === undefined ? [] : against(verdictLines(verdict))),
    ...findings.slice(0, 1).flatMap(findingLines),
  ]);
  return lines.length === 0 ? [] : ['', ...lines];
}

/** The first check that speaks against the store, with what to do, and the conclusion. */
function against(lines: readonly string[]): string[] {
  const at = lines.findIndex((line) => /^(FAIL|WAIT|\?) /.test(line));
  const rest = lines.slice(at + 1, at + 2).filter((line) => line.trim().startsWith('fix:'));
  return [...lines.slice(at, at + 1), ...rest, ...lines.slice(-1)];
}

function shortened(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

function wordsOf(circumstance: string): string {
  return Object.entries(CROWDS).find(([name]) => name === circumstance)?.[1] ?? circumstance;
}
