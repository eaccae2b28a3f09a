import type { StoreEvidence } from './rca-evidence.ts';

const LINES = 5;
const WIDTH = 300;
/** What the server says when it loses buckets, drives or its peers. */
const TELLING =
  /NoSuchBucket|VolumeNotFound|bucket.{0,40}not found|quorum|drive.{0,40}(offline|fault|timeout)|corrupt|No space left|I\/O error|panicked|out of memory/i;

/** What was seen beside the buckets and may explain them, as lines for people. */
export function cluesIn(evidence: StoreEvidence): string[] {
  const { workload } = evidence;
  return [
    ...podClues(evidence),
    ...('seen' in workload.jobs
      ? workload.jobs.seen
          .filter(({ outcome }) => outcome !== 'complete')
          .map(
            ({ name, outcome, at }) =>
              `Job ${name} is ${outcome}${at === undefined ? '' : `, since ${at}`}`,
          )
      : [`its Jobs: ${workload.jobs.notSeen}`]),
    ...('seen' in workload.events
      ? workload.events.seen
          .filter(({ type }) => type === 'Warning')
          .slice(-LINES)
          .map(({ at, about, reason, message }) => short(`${at} ${about} ${reason}: ${message}`))
      : [`its events: ${workload.events.notSeen}`]),
    ...diskClues(evidence),
    ...logClues(evidence),
  ];
}

function podClues({ workload: { pods, claims } }: StoreEvidence): string[] {
  const ofPods =
    'seen' in pods
      ? pods.seen.flatMap(({ name, node, restarts, lastEnd, startedAt, imageId }) => [
          `pod ${name} on ${node ?? 'no node'}, started ${startedAt ?? 'not yet'}, ${restarts} restarts${imageId === undefined ? '' : `, runs ${imageId}`}`,
          ...(lastEnd === undefined ? [] : [`pod ${name} ended before: ${lastEnd}`]),
        ])
      : [`its pods: ${pods.notSeen}`];
  const ofClaims =
    'seen' in claims
      ? claims.seen.map(
          ({ name, phase, storageClass, accessModes, size, nodes }) =>
            `claim ${name}: ${phase}, ${size ?? 'no size'}, ${storageClass ?? 'no class'}, ${accessModes.join(' ')}${nodes.length === 0 ? '' : `, tied to ${nodes.join(', ')}`}`,
        )
      : [`its claims: ${claims.notSeen}`];
  return [...ofPods, ...ofClaims];
}

/** What lies where, and what is not as it should be of buckets that nobody asked about. */
function diskClues({ disk, api }: StoreEvidence): string[] {
  if (!('seen' in disk)) return [];
  const layout = disk.seen.map(
    ({ pod, drive, data, metadata }) =>
      `drive ${drive} of pod ${pod}: data of ${data.join(', ') || 'no bucket'}; metadata of ${metadata.join(', ') || 'no bucket'}`,
  );
  if (!('seen' in api.names)) return layout;
  const listed = new Set(api.names.seen);
  const onDisk = new Set(disk.seen.flatMap(({ data }) => data));
  const hidden = [...onDisk].filter((bucket) => !listed.has(bucket)).sort();
  return [
    ...layout,
    ...(hidden.length === 0 ? [] : [`on the disk, and not in ListBuckets: ${hidden.join(', ')}`]),
  ];
}

function logClues({ logs }: StoreEvidence): string[] {
  return logs.flatMap(({ pod, previous, text }) => {
    const which = `log of ${pod}${previous ? ' before its last start' : ''}`;
    if ('notSeen' in text) return [text.notSeen];
    const telling = text.seen.split('\n').filter((line) => TELLING.test(line));
    return telling.slice(-LINES).map((line) => short(`${which}: ${line.trim()}`));
  });
}

function short(line: string): string {
  return line.length <= WIDTH ? line : `${line.slice(0, WIDTH)} …`;
}
