import type { ExitCode } from '../../console/exit-code.ts';
import type { Printer } from '../../console/printer.ts';
import { printChecks, verdictOf } from '../kubernetes/check.ts';
import type { BodyEvidence, NarinfoEvidence, PathEvidence } from './evidence.ts';
import type { Row } from './finding.ts';
import { judgeBody } from './judge-body.ts';
import { type JudgeHow, judgeNarinfo } from './judge-narinfo.ts';
import { hashText } from './nix-hash.ts';

/** A path with what was found out about it and what that means. */
export interface PathReport {
  readonly evidence: PathEvidence;
  readonly rows: readonly Row[];
}

/** Judges the evidence of one path. */
export function judgePath(evidence: PathEvidence, how: JudgeHow): PathReport {
  const { narinfo, body } = evidence;
  const first = judgeNarinfo(evidence, how);
  const rest =
    narinfo.kind === 'read' && body !== undefined ? judgeBody(body, narinfo.narinfo, how) : [];
  return { evidence, rows: [...first, ...rest] };
}

/** 2 when anything is proved bad, 1 when anything is not known, 0 when all is proved good. */
export function verdictOfAll(reports: readonly PathReport[]): ExitCode {
  return verdictOf(reports.flatMap(({ rows }) => rows));
}

/** Prints each path with its rows, and how many there were of each kind. */
export function printReports(
  reports: readonly PathReport[],
  cache: string,
  printer: Printer,
): void {
  for (const { evidence, rows } of reports) {
    const { hash, path = hash } = evidence.asked;
    printer.result(path);
    printChecks(rows, printer);
  }
  const of = (code: number) => reports.filter(({ rows }) => verdictOf(rows) === code).length;
  const counts = `${of(0)} proved good, ${of(2)} bad, ${of(1)} not known`;
  const number = reports.length === 1 ? '1 path' : `${reports.length} paths`;
  printer.result(`${number} of cache ${cache}: ${counts}`);
}

/** The same for programs. */
export function reportJson(reports: readonly PathReport[]): object[] {
  return reports.map(({ evidence, rows }) => ({
    storeHash: evidence.asked.hash,
    verdict: ['good', 'unknown', 'bad'][verdictOf(rows)],
    checks: rows,
    evidence: {
      narinfo: narinfoJson(evidence.narinfo),
      ...(evidence.body === undefined ? {} : { body: bodyJson(evidence.body) }),
    },
  }));
}

/** Without the address of the body, which may be signed; where it came from in the end is a part of the body. */
function narinfoJson(evidence: NarinfoEvidence): object {
  if (evidence.kind !== 'read') return evidence;
  const { narinfo, signatures } = evidence;
  const { url: _, fileHash, narHash, signatures: signed, ...rest } = narinfo;
  return {
    kind: evidence.kind,
    ...rest,
    ...(fileHash === undefined ? {} : { fileHash: hashText(fileHash) }),
    narHash: hashText(narHash),
    signedBy: signed.map(({ keyName }) => keyName),
    signatures,
  };
}

function bodyJson(evidence: BodyEvidence): object {
  if (evidence.kind !== 'read') return evidence;
  const { digest, nar, ...rest } = evidence;
  const hex = { digest: digest.toString('hex') };
  const narHash = hashText({ algorithm: 'sha256', digest: nar.digest });
  return { ...rest, ...hex, nar: { ...nar, digest: narHash } };
}
