import { EXIT } from '../../console/exit-code.ts';
import { verdictLines } from '../authority/verdict.ts';
import type { BucketDiagnosis } from './bucket-diagnosis.ts';
import type { StoredBundle } from './evidence-bundle.ts';
import type { Rca } from './judge-rca.ts';
import type { StoreEvidence } from './rca-evidence.ts';

const INDENT = '      ';

/** Where the evidence is, or why it is nowhere. */
export type Stored = Pick<StoredBundle, 'folder'> | StoredBundle | { readonly notStored: string };

/** An RCA for people, in the order of an incident: preserve, diagnose, and only then restart. */
export function rcaLines(rca: Rca, evidence: StoreEvidence, stored: Stored): string[] {
  return [
    '1 preserve',
    ...preserved(stored, rca).map((line) => INDENT + line),
    '',
    `2 diagnose: ${evidence.namespace}/${evidence.name} as of ${evidence.at}, asked ${'seen' in evidence.way ? evidence.way.seen : `not: ${evidence.way.notSeen}`}`,
    ...rca.buckets.flatMap(bucketLines),
    ...(rca.clues.length === 0 ? [] : ['  beside it', ...rca.clues.map((clue) => INDENT + clue)]),
    ...verdictLines(rca).map((line) => `  ${line}`),
    '',
    '3 only then restart',
    ...restartLines(rca, evidence, stored).map((line) => INDENT + line),
  ];
}

function preserved(stored: Stored, { exitCode }: Rca): string[] {
  const bundle = storedText(stored);
  if (exitCode === EXIT.good) return [bundle];
  return [
    bundle,
    'keep also the logs of the job that failed, and errored.tfstate where tofu left one: just tofu-state-recover <stack>',
  ];
}

function storedText(stored: Stored): string {
  if ('notStored' in stored) return `not stored: ${stored.notStored}`;
  const size = 'bytes' in stored ? `: ${stored.files} files, ${stored.bytes} bytes` : '';
  return `stored in ${stored.folder}${size}`;
}

function bucketLines(diagnosis: BucketDiagnosis): string[] {
  const { bucket, verdict, meaning } = diagnosis;
  const rows = [
    ...diagnosis.for.map((text) => `for      ${text}`),
    ...diagnosis.against.map((text) => `against  ${text}`),
    ...diagnosis.unknown.map((text) => `unknown  ${text}`),
  ];
  return [
    `  bucket ${bucket}: ${verdict}`,
    `${INDENT}${meaning}`,
    ...rows.map((row) => INDENT + row),
  ];
}

function restartLines(
  { buckets, exitCode }: Rca,
  { namespace, name, workload }: StoreEvidence,
  stored: Stored,
): string[] {
  if (exitCode === EXIT.good) return ['nothing is lost: no restart'];
  const lost = buckets.filter(({ verdict }) => verdict !== 'COHERENT');
  if (lost.length === 0) return ['no bucket is lost: a restart would help nothing'];
  if ('notStored' in stored)
    return ['not before the evidence is stored: name a folder with --save'];
  const helped = lost.filter(({ restartHelps, onDisk }) => restartHelps && onDisk);
  if (helped.length < lost.length) {
    const others = lost.filter((each) => !helped.includes(each)).map(({ bucket }) => bucket);
    return [
      `not advised: of ${others.join(', ')} the disk was not seen to hold everything, and a restart could lose what is still served`,
      'look at the disk first, and copy what the API still serves',
    ];
  }
  const kind = 'seen' in workload.workload ? workload.workload.seen.kind : 'Deployment';
  return [
    `kubectl -n ${namespace} rollout restart ${kind.toLowerCase()}/${name}`,
    'it brings the API back and repairs no cause: the incident stays open',
    'then run this again, and just tofu-state-authority-deep-check <stack> before anything is applied',
  ];
}
