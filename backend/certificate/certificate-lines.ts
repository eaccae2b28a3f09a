import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { type Certificate, certificateExitCode } from './certificate.ts';
import { signerOf } from './certificate-signature.ts';
import type { Proof } from './proof.ts';

const CONCLUSIONS: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.good]: 'a state is safe in it',
  [EXIT.unknown]: 'whether a state is safe in it is not known',
  [EXIT.bad]: 'no state is safe in it',
  [EXIT.degraded]: 'a state is safe in it, and it does less than it could',
};

/** A proof in one line, with what was claimed where it does not hold. */
export function proofLines(
  { name, weight, outcome, claim, detail }: Proof,
  width: number,
): string[] {
  const lead = `${markOf(outcome, weight).padEnd(6)}${name.padEnd(width)}  `;
  if (outcome === 'proved') return [`${lead}${detail}`];
  const said = outcome === 'not-run' ? `not run: ${detail}` : detail;
  return [`${lead}${said}`, `      claimed was: ${claim}`];
}

function markOf(outcome: Proof['outcome'], weight: Proof['weight']): string {
  if (outcome === 'proved') return 'ok';
  if (outcome === 'refuted') return weight === 'must' ? 'FAIL' : 'WEAK';
  return weight === 'must' ? '?' : '-';
}

/** What the proofs come to, of which store, who vouches for it, and until when. */
export function conclusionLine(certificate: Certificate): string {
  const { store, expires } = certificate;
  const { endpoint, bucket, server = 'a server that does not say what it is', version } = store;
  const name = version === undefined ? server : `${server} ${version}`;
  const conclusion = CONCLUSIONS[certificateExitCode(certificate)] ?? '';
  const signer = signerOf(certificate);
  const vouched = signer === undefined ? 'unsigned' : `signed by ${signer}`;
  return `${endpoint}, bucket ${bucket}, ${name}: ${conclusion}; ${vouched}, until ${expires}`;
}
