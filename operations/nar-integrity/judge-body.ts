import { good, unknown } from '../kubernetes/check.ts';
import { classifyBody } from './classify-body.ts';
import type { BodyEvidence, BodyMeasure } from './evidence.ts';
import { found, type Row } from './finding.ts';
import type { JudgeHow } from './judge-narinfo.ts';
import type { Narinfo } from './narinfo.ts';
import { refusalOf } from './refusal.ts';

/** Judges a body by what a narinfo says of it: whether it came, came whole, and is the archive that was signed. */
export function judgeBody(body: BodyEvidence, narinfo: Narinfo, how: JudgeHow): Row[] {
  const { advice, hasToken } = how;
  if (body.kind === 'not-asked')
    return [unknown('body', `the server ${body.trouble.because}`, body.trouble.fix)];
  if (body.kind === 'refused') {
    const { status, from, isCacheServer, isIncomplete } = body;
    if (isIncomplete)
      return [found('body', 'body-incomplete', 'Attic says that it lacks chunks of it', advice)];
    if (status === 404 || status === 410)
      return [found('body', 'body-missing', `${from} answers ${status}`, advice)];
    const { because, fix } = refusalOf(status, { cache: advice.cache, hasToken, isCacheServer });
    return [unknown('body', `${from} ${because}`, fix)];
  }
  const doubt = doubtOf(body);
  if (doubt !== undefined) return [doubt];
  const finding = classifyBody(body, narinfo);
  if (finding !== undefined) return [found('body', finding.kind, finding.problem, advice)];
  return [arrival(body), ...file(narinfo), archive(body, narinfo, how)];
}

/** What stands in the way of a judgement. */
function doubtOf({ contentEncoding, cutOff, received, from }: BodyMeasure): Row | undefined {
  if (contentEncoding !== undefined) {
    return unknown(
      'body',
      `${from} sends it encoded by ${contentEncoding}, which was not asked for`,
      'look at what stands before the server',
    );
  }
  if (cutOff !== 'silent') return undefined;
  return unknown(
    'body',
    `${from} sends nothing more after byte ${received}`,
    'this is the network, or a store that hangs: ask again, then look at the log of the server',
  );
}

function arrival({ from, received, contentLength, firstReceived }: BodyMeasure): Row {
  if (firstReceived !== undefined) {
    return unknown(
      'body',
      `it was cut off at byte ${firstReceived} at first, and came whole when it was asked for again`,
      'it is right where it lies, and the way from there is not: ask again; where it recurs, look at the log of the server and at the store',
    );
  }
  const announced = contentLength === undefined ? '' : ', as Content-Length says';
  return good('body', `${received} bytes${announced}, from ${from}`);
}

/** The fields are right, since nothing was found: what is said is only which of them there are. */
function file({ fileHash, fileSize }: Narinfo): Row[] {
  const stated = [
    ...(fileHash === undefined ? [] : ['FileHash']),
    ...(fileSize === undefined ? [] : ['FileSize']),
  ];
  return stated.length === 0 ? [] : [good('file', `as ${stated.join(' and ')} say`)];
}

function archive({ nar }: BodyMeasure, { storePath }: Narinfo, { advice }: JudgeHow): Row {
  return nar.bodyFault === undefined
    ? good('nar', `${nar.size} bytes in ${nar.entries} entries, as NarHash and NarSize say`)
    : unknown(
        'nar',
        `the body ${nar.bodyFault.problem}`,
        `let Nix read it: nix store verify --store ${advice.substituter} ${storePath}`,
      );
}
