import { styleText } from 'node:util';
import type { Printer } from '../console/printer.ts';
import { table } from '../console/table.ts';
import type { Finding, Severity } from '../policy/finding.ts';
import { printable } from '../values/invalid-value.ts';
import { isStopped, type Outcome } from './outcome.ts';

const COLORS: Readonly<Record<Severity, 'red' | 'yellow' | 'cyan'>> = {
  error: 'red',
  warning: 'yellow',
  notice: 'cyan',
};

/** Prints what a synthesis came to: the stacks, then what was found, then what to do next. */
export function printOutcome(outcome: Outcome, printer: Printer): void {
  for (const line of stackTable(outcome)) printer.result(line);
  for (const line of outcome.verdict.findings.flatMap(findingLines)) printer.problem(line);
  for (const { subject, note } of outcome.inventory.warnings) {
    printer.problem(`${styled('warning', 'warning')} ${printable(subject)}`);
    printer.problem(`    ${printable(note)}`);
  }
  for (const { rule, resource } of outcome.verdict.idleWaivers) {
    printer.problem(
      `${styled('warning', 'warning')} the waiver of ${rule} for ${printable(resource)} waives nothing: remove it`,
    );
  }
  for (const { stack, holds } of outcome.keptOrphans) {
    printer.problem(
      `${styled('warning', 'warning')} ${outcome.outdir}/stacks/${stack} belongs to no stack and holds more than a synthesis wrote (${holds}): look at it, then delete the folder`,
    );
  }
  printer.result('');
  for (const line of summary(outcome)) printer.result(line);
}

function summary(outcome: Outcome): string[] {
  const { verdict, inventory, outdir, written, settings } = outcome;
  const count = (severity: Severity) =>
    verdict.findings.filter((finding) => finding.severity === severity).length;
  const counts = [
    counted(count('error'), 'error'),
    counted(count('warning') + inventory.warnings.length + verdict.idleWaivers.length, 'warning'),
    counted(count('notice'), 'notice'),
    counted(verdict.waived.length, 'waived finding'),
    counted(inventory.weakenings.length, 'weakening'),
  ].join(', ');
  if (isStopped(outcome)) {
    return [
      `${settings}: ${counts}; ${outdir} is as it was`,
      'next: mend the errors above, or waive them with a reason',
    ];
  }
  const changed =
    written.length === 0 ? 'no file changed' : `${counted(written.length, 'file')} written`;
  return [
    `${settings}: ${counts}; ${changed} in ${outdir}`,
    'next: just report, then just bootstrap the first time, just tofu-plan <stack> from then on',
  ];
}

function stackTable({ stacks }: Outcome): string[] {
  return table(
    ['stack', 'resources', 'size', 'time', 'state key'],
    stacks.map(({ name, resources, bytes, milliseconds, stateKey }) => [
      name,
      String(resources),
      `${(bytes / 1024).toFixed(1)} KiB`,
      `${milliseconds.toFixed(0)} ms`,
      stateKey,
    ]),
  );
}

/** A finding in three lines: what and where, what is wrong, what to do. */
function findingLines({ rule, severity, resource, problem, remedy }: Finding): string[] {
  return [
    `${styled(severity, severity)} ${rule}  ${printable(resource)}`,
    `    ${printable(problem)}`,
    `    fix: ${printable(remedy)}`,
  ];
}

function styled(severity: Severity, text: string): string {
  return styleText(COLORS[severity], text, { stream: process.stderr });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
