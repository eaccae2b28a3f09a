import {
  always,
  bodyOf,
  drops,
  halfOf,
  keeps,
  loses,
  toldKept,
  unconditional,
  writeOf,
} from '../effects.ts';
import type { Call, Lie } from '../lie.ts';
import { emptyAnswer, errorAnswer, xmlAnswer } from '../s3-answer.ts';
import { forked, withOneByteChanged } from '../state-tales.ts';

const UNDONE_MS = 1_000;
const LATE_MS = 2_000;
const ERROR =
  '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Something else is kept than what was written, or than what was said of it. */
export const KEEPING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'write-dropped',
    origin: 'measured: stock OpenTofu says Apply complete, exit 0',
    does: 'says of every write of a state that it was kept, and keeps none',
    on: 'a write of a state',
    tell: drops(),
  },
  {
    name: 'write-dropped-once',
    origin: 'RustFS durability relaxed: the last write before a power cut',
    does: 'says of one write of a state that it was kept, and does not keep it',
    on: 'a write of a state',
    span: { times: 1 },
    tell: drops(),
  },
  {
    name: 'half-kept',
    origin: 'a disk that was full in the middle of a body',
    does: 'keeps the first half of what is written',
    on: 'a write of a state',
    tell: keeps(halfOf),
  },
  {
    name: 'kept-empty',
    origin: 'a file that was made and never written, after a power cut',
    does: 'keeps no byte of what is written',
    on: 'a write of a state',
    tell: keeps(() => Buffer.alloc(0)),
  },
  {
    name: 'kept-with-one-byte-changed',
    origin: 'a bit that fell over in memory, after the checksum was looked at',
    does: 'keeps what is written with one letter of a value changed',
    on: 'a write of a state',
    tell: keeps((body, { random }) => withOneByteChanged(body, random) ?? body),
  },
  {
    name: 'kept-appended',
    origin: 'a file that is opened to append, or an upload sent again',
    does: 'keeps what is written behind what was there',
    on: 'a write of a state',
    tell: keeps((body, { bucket, key }) =>
      Buffer.concat([bucket?.current(key)?.body ?? Buffer.alloc(0), body]),
    ),
  },
  {
    name: 'kept-elsewhere',
    origin: 'a proxy that rewrites paths, or keys whose case is folded',
    does: 'keeps what is written under another key',
    on: 'a write of a state',
    tell: always(({ request, key, honest }) =>
      honest(writeOf(request, bodyOf(request), `${key}.uploading`)),
    ),
  },
  {
    name: 'kept-late',
    origin: 'a write that is acknowledged from memory and copied later',
    does: 'keeps what is written 2 s after it said so',
    on: 'a write of a state',
    tell: always((call) => {
      const { request, truth, key, later } = call;
      const body = bodyOf(request);
      later(LATE_MS, () => truth.plant(request.bucket, key, body));
      return toldKept(emptyAnswer(200), body);
    }),
  },
  {
    name: 'kept-but-500',
    origin: 'rustfs issue 1543: 500 after a lock timed out',
    does: 'keeps what is written and answers 500',
    on: 'a write of a state',
    tell: always(async ({ request, honest }) => {
      await honest();
      return errorAnswer(request, 'InternalError');
    }),
  },
  {
    name: 'kept-but-504-once',
    origin: 'an ingress that waits no longer than its own deadline',
    does: 'keeps one write and answers it with 504',
    on: 'a write of a state',
    span: { times: 1 },
    tell: always(async ({ request, honest }) => {
      await honest();
      return errorAnswer(request, 'GatewayTimeout');
    }),
  },
  {
    name: 'kept-but-hangs',
    origin: 'a store that is killed between the disk and the answer',
    does: 'keeps what is written and never answers',
    on: 'a write of a state',
    tell: loses(() => ({ kind: 'hang' })),
  },
  {
    name: 'kept-but-cut',
    origin: 'a store that is killed between the disk and the answer',
    does: 'keeps what is written and cuts the connection before it answers',
    on: 'a write of a state',
    tell: loses(() => ({ kind: 'cut', after: 'nothing' })),
  },
  {
    name: 'kept-wrong-etag',
    origin: 'S3 manual: an ETag is not always the MD5 of the body',
    does: 'keeps what is written and answers with the ETag of something else',
    on: 'a write of a state',
    tell: always(async ({ honest }) => toldKept(await honest(), Buffer.from('something else'))),
  },
  {
    name: 'write-error-with-200',
    origin: 'S3 manual: 200 may be sent before an error is known',
    does: 'answers a write with 200 and an error in the body, and keeps nothing',
    on: 'a write of a state',
    tell: always(() => xmlAnswer(ERROR)),
  },
  {
    name: 'undone-after-a-second',
    origin: 'a replica that lagged behind and became the first one',
    does: 'keeps what is written, and has lost it a second later',
    on: 'a write of a state',
    tell: always(async (call) => {
      const undo = undoOf(call);
      const answer = await call.honest();
      if (answer.status === 200) call.later(UNDONE_MS, undo);
      return answer;
    }),
  },
  {
    name: 'undone-after-unlock',
    origin: 'a replica that lagged behind and became the first one',
    does: 'keeps what is written until its lock is given back',
    on: 'a write of a state',
    tell: always(async (call) => {
      const undo = undoOf(call);
      const answer = await call.honest();
      if (answer.status === 200) call.whenUnlocked(call.key, undo);
      return answer;
    }),
  },
  {
    name: 'kept-below-the-older',
    origin: 'two nodes whose clocks differ, and the later time wins',
    does: 'keeps what is written as an older version than the one before it',
    on: 'a write of a state',
    tell: always(async ({ bucket, key, honest }) => {
      const answer = await honest();
      if (answer.status === 200) bucket?.swapNewest(key);
      return answer;
    }),
  },
  {
    name: 'overwritten-at-once',
    origin: 'a writer that takes no lock: use_lockfile was left out',
    does: 'lets somebody else write over what was just written',
    on: 'a write of a state',
    tell: always(async ({ request, truth, key, honest }) => {
      const answer = await honest();
      const others = forked(bodyOf(request));
      if (answer.status === 200 && others !== undefined) truth.plant(request.bucket, key, others);
      return answer;
    }),
  },
  {
    name: 'if-match-ignored',
    origin: 'stores that know If-None-Match and not If-Match',
    does: 'takes a write over a version that is not the last one, whatever If-Match says',
    on: 'a write of a state',
    tell: always(({ request, honest }) => honest(unconditional(request))),
  },
];

/** Makes a key hold again what it holds before a write. */
function undoOf({ request, truth, bucket, key }: Call): () => void {
  const held = bucket?.current(key)?.body;
  return () => {
    if (held === undefined) truth.uproot(request.bucket, key);
    else truth.plant(request.bucket, key, held);
  };
}
