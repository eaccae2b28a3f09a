import { good, unknown } from '../kubernetes/check.ts';
import type { NarinfoEvidence, PathEvidence } from './evidence.ts';
import { type Advice, found, type Row } from './finding.ts';
import { type Refuser, refusalOf } from './refusal.ts';
import { hashOfStorePath } from './store-path.ts';

/** What a judgement takes into account besides the evidence. */
export interface JudgeHow {
  readonly advice: Advice;
  readonly hasToken: boolean;
  /** A signature that cannot be verified is no obstacle. One that is wrong always is. */
  readonly withoutSignature: boolean;
}

/** Judges what a cache says of a path: whether it says anything, whether that is of this path, and who has signed it. */
export function judgeNarinfo({ asked, narinfo }: PathEvidence, how: JudgeHow): Row[] {
  const { advice, hasToken } = how;
  const server: Refuser = { cache: advice.cache, hasToken, isCacheServer: true };
  switch (narinfo.kind) {
    case 'not-asked':
      return [unknown('narinfo', `the server ${narinfo.trouble.because}`, narinfo.trouble.fix)];
    case 'refused': {
      if (narinfo.status === 404) return [missing(narinfo.cache, advice)];
      const { because, fix } = refusalOf(narinfo.status, server);
      return [unknown('narinfo', `the server ${because}`, fix)];
    }
    case 'unreadable': {
      const lines = narinfo.problems.map(({ line, problem }) =>
        line === 0 ? problem : `line ${line} ${problem}`,
      );
      return [found('narinfo', 'narinfo-unreadable', lines.join('; '), advice)];
    }
    case 'read':
      return [
        judgeStorePath(asked, narinfo.narinfo.storePath, how),
        ...judgeSignature(narinfo, how),
      ];
  }
}

function missing(cache: 'there' | 'missing' | 'not-known' | undefined, advice: Advice): Row {
  if (cache === 'missing') {
    const problem = `the server has no cache ${advice.cache}`;
    return found('narinfo', 'cache-missing', problem, advice);
  }
  const doubt = cache === 'there' ? '' : ', and it is not known whether there is such a cache';
  return found(
    'narinfo',
    'path-missing',
    `the path is not in cache ${advice.cache}${doubt}`,
    advice,
  );
}

function judgeStorePath(
  { hash, path }: PathEvidence['asked'],
  storePath: string,
  { advice }: JudgeHow,
): Row {
  const isAsked = path === undefined ? hashOfStorePath(storePath) === hash : storePath === path;
  return isAsked
    ? good('narinfo', storePath)
    : found('narinfo', 'narinfo-lies', `it is of another path: ${storePath}`, advice);
}

type Read = Extract<NarinfoEvidence, { kind: 'read' }>;

function judgeSignature({ narinfo, signatures }: Read, how: JudgeHow): Row[] {
  const { right, wrong, strangers } = signatures;
  const { advice, withoutSignature } = how;
  if (right.length > 0) {
    const aside = wrong.length === 0 ? '' : `; that of ${wrong.join(', ')} is wrong`;
    return [good('signature', `by ${right.join(', ')}${aside}`)];
  }
  if (wrong.length > 0) {
    const problem = `that of ${wrong.join(', ')} is not of this path, hash, size and references`;
    return [found('signature', 'signature-wrong', problem, advice)];
  }
  if (withoutSignature) return [];
  if (strangers.length > 0) {
    const [name] = strangers;
    return [
      unknown(
        'signature',
        `by ${strangers.join(', ')}, of which no key is known`,
        `give --trusted-key ${name}:<base64>, or attic.caches.${advice.cache}.publicKey in the settings; or prove the body alone by --without-signature`,
      ),
    ];
  }
  return [
    narinfo.contentAddress === undefined
      ? found('signature', 'signature-missing', 'nobody has signed it', advice)
      : unknown(
          'signature',
          'nobody has signed it; it is content-addressed, and that is not recomputed here',
          'prove the body alone by --without-signature',
        ),
  ];
}
