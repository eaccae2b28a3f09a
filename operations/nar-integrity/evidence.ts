import type { BodyFaultKind } from './body-fault.ts';
import type { CutOff } from './body-meter.ts';
import type { NarFault } from './nar-reader.ts';
import type { LineProblem, Narinfo } from './narinfo.ts';
import type { SignatureEvidence } from './signature.ts';
import type { AskedPath } from './store-path.ts';

/** Why something could not be asked, and what to do about it. */
export interface NotAsked {
  readonly because: string;
  readonly fix: string;
}

/** What a cache said when it was asked for a narinfo. */
export type NarinfoEvidence =
  | { readonly kind: 'not-asked'; readonly trouble: NotAsked }
  /** An answer without a narinfo; with 404, what is known of the cache itself. */
  | { readonly kind: 'refused'; readonly status: number; readonly cache?: CacheStanding }
  | { readonly kind: 'unreadable'; readonly problems: readonly LineProblem[] }
  | {
      readonly kind: 'read';
      readonly narinfo: Narinfo;
      readonly signatures: SignatureEvidence;
    };

/** Whether there is a cache where a path is missing. */
export type CacheStanding = 'there' | 'missing' | 'not-known';

/** What a cache, or the store it names, said when it was asked for a body. */
export type BodyEvidence =
  | { readonly kind: 'not-asked'; readonly trouble: NotAsked }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly from: string;
      readonly isCacheServer: boolean;
      /** Attic says that it lacks chunks of it. */
      readonly isIncomplete: boolean;
    }
  | ({ readonly kind: 'read' } & BodyMeasure);

/** A body, measured to the last byte that came. */
export interface BodyMeasure {
  readonly from: string;
  readonly contentLength?: number;
  /** A coding of HTTP on top of what the narinfo says. */
  readonly contentEncoding?: string;
  readonly received: number;
  readonly cutOff?: CutOff;
  /** The bytes that came at the first attempt, where it was cut off and a second one was made. */
  readonly firstReceived?: number;
  /** Hash of the bytes as they came, by the algorithm of FileHash where there is one. */
  readonly digest: Buffer;
  readonly nar: NarMeasure;
}

/** What came out of a body when it was decompressed. */
export interface NarMeasure {
  readonly size: number;
  readonly digest: Buffer;
  readonly entries: number;
  /** Why it could not be decompressed to its end. */
  readonly bodyFault?: { readonly kind: BodyFaultKind; readonly problem: string };
  /** Where it is no archive. */
  readonly fault?: NarFault;
  /** It was so much larger than it should be that the rest was not read. */
  readonly isEndless?: true;
}

/** All that was found out about one store path. Nothing in it is a judgement, or secret. */
export interface PathEvidence {
  readonly asked: AskedPath;
  readonly narinfo: NarinfoEvidence;
  /** Undefined where no narinfo says where it is. */
  readonly body?: BodyEvidence;
}
