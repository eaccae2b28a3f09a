import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings, settingsFile } from '../../config/read-settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { clusterInReach } from '../rustfs/cluster-in-reach.ts';
import { reachStore } from '../rustfs/reach-store.ts';
import { serverVersion } from '../rustfs/server-version.ts';
import { backendAccess } from '../settings/backend-access.ts';
import { whoRuns } from '../witness/who-runs.ts';
import {
  type Certificate,
  certificateExitCode,
  certificateOf,
  certificateText,
} from './certificate.ts';
import { conclusionLine, proofLines } from './certificate-lines.ts';
import { signed, signingKey } from './certificate-signature.ts';
import { prove } from './prove.ts';
import { readCertificate } from './read-certificate.ts';

const OPTIONS = {
  json: { type: 'boolean' },
  out: { type: 'string' },
  'sign-key': { type: 'string' },
  verify: { type: 'string' },
  signer: { type: 'string' },
} as const;

/**
 * Proves what the store of the states does, and writes it down as a certificate that expires. With `--verify` it reads one
 * instead and holds it against the store of the settings.
 *
 * @returns 0 when all was proved, 2 when no state is safe in the store, 1 when that is not known, 3 for lesser faults
 */
export async function certify(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { json = false, out, verify, signer } = values;
  refuseMixtures(values);
  const settings = readSettings(settingsFile(environment));
  const access = backendAccess(settings, environment);
  if (verify !== undefined) {
    const certificate = readCertificate(verify, { access, signer });
    print(certificate, [], { json, printer });
    return certificateExitCode(certificate);
  }
  const key = values['sign-key'] === undefined ? undefined : signingKey(values['sign-key']);
  if (out !== undefined) requireWritable(out);
  const reached = await reachStore(
    access,
    () => clusterInReach(settings, environment),
    environment,
  );
  try {
    const proving = await prove(reached.store, access.bucket, 'full');
    const by = whoRuns(environment);
    const version = await serverVersion(settings, environment);
    const plain = certificateOf(proving, { access, form: 'full', by, version });
    const certificate = key === undefined ? plain : signed(plain, key);
    print(certificate, proving.left, { json, printer });
    if (out !== undefined) write(out, certificate);
    return certificateExitCode(certificate);
  } finally {
    await reached.close();
  }
}

function refuseMixtures(values: Readonly<Record<string, unknown>>): void {
  const making = ['out', 'sign-key'].filter((name) => values[name] !== undefined);
  if (values.verify !== undefined && making.length > 0) {
    throw new Failure(
      `--verify reads a certificate: ${making.map((name) => `--${name}`).join(', ')} belongs to making one`,
      EXIT.usage,
    );
  }
  if (values.verify === undefined && values.signer !== undefined)
    throw new Failure('--signer says who has to have signed: add --verify', EXIT.usage);
}

/** Before anything is proved: what cannot be written down afterwards need not be. */
function requireWritable(file: string): void {
  saying(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  });
}

function write(file: string, certificate: Certificate): void {
  saying(file, () => writeFileSync(file, certificateText(certificate), { mode: 0o600 }));
}

function saying(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(`the certificate cannot be written to ${file}: ${code}`);
  }
}

function print(
  certificate: Certificate,
  left: readonly string[],
  { json, printer }: { json: boolean; printer: Printer },
): void {
  if (json) {
    printer.result(JSON.stringify({ ...certificate, left }, undefined, 2));
    return;
  }
  const width = Math.max(...certificate.proofs.map(({ name }) => name.length));
  for (const proof of certificate.proofs) {
    const isGood = proof.outcome === 'proved';
    for (const line of proofLines(proof, width))
      isGood ? printer.result(line) : printer.problem(line);
  }
  for (const key of left) printer.problem(`left behind: ${key}, which could not be removed`);
  printer.result(conclusionLine(certificate));
}
