import { gzipSync } from 'node:zlib';
import { always, corrupts, halfOf, readAs, retells } from '../effects.ts';
import type { Lie } from '../lie.ts';
import type { Reply } from '../reply.ts';
import { textAnswer, xmlAnswer } from '../s3-answer.ts';
import {
  asVersion3,
  emptied,
  foreignState,
  forked,
  withOneByteChanged,
  withOtherLineage,
  withZeros,
} from '../state-tales.ts';

const HTML = '<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>';
const ERROR =
  '<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>';

/** Another state is given than the one that is kept. */
export const RETELLING: readonly Omit<Lie, 'kind'>[] = [
  {
    name: 'older-state',
    origin: 'measured: stock OpenTofu plans from an older serial, exit 0',
    does: 'gives the state as it was before the last write',
    on: 'a read of a state',
    span: { writes: 2 },
    tell: retells((_, { bucket, key }) => bucket?.past(key).at(-2)),
  },
  {
    name: 'first-state',
    origin: 'a volume restored from the day of its installation',
    does: 'gives the state as it was first written',
    on: 'a read of a state',
    span: { writes: 2 },
    tell: retells((_, { bucket, key }) => bucket?.past(key)[0]),
  },
  {
    name: 'flapping-state',
    origin: 'two replicas behind one address, of which one lags behind',
    does: 'gives to every second read the state as it was before the last write',
    on: 'a read of a state',
    span: { writes: 2 },
    tell: retells((body, { bucket, key, before }) =>
      before % 2 === 0 ? bucket?.past(key).at(-2) : body,
    ),
  },
  {
    name: 'cached-state',
    origin: 'a caching proxy that knows nothing of writes past it',
    does: 'gives for ever what it gave first',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: () => {
      const cache = new Map<string, Reply>();
      return async ({ key, honest }) => {
        const answer = cache.get(key) ?? (await honest());
        if (answer.status === 200) cache.set(key, answer);
        return answer;
      };
    },
  },
  {
    name: 'other-lineage',
    origin: 'tofu state push -force by somebody, or a state made anew',
    does: 'gives the state under another lineage',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells(withOtherLineage),
  },
  {
    name: 'foreign-state',
    origin: 'two stacks with one key, or two installations with one bucket',
    does: 'gives the state of another stack',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells(foreignState),
  },
  {
    name: 'forked-state',
    origin: 'two writers without a lock, of which the other one won',
    does: 'gives another content under the lineage and serial of the state',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells(forked),
  },
  {
    name: 'emptied-state',
    origin: 'a state rebuilt from metadata without the bodies',
    does: 'gives the lineage and serial of the state with no resource in it',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells((body) => emptied(body, 0)),
  },
  {
    name: 'emptied-later-state',
    origin: 'a destroy of another checkout, replayed into the wrong bucket',
    does: 'gives a later serial with no resource in it, while its listing still shows the true size',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells((body) => emptied(body, 1)),
  },
  {
    name: 'version-3-state',
    origin: 'a backup of an installation from before Terraform 0.12',
    does: 'gives a state of version 3',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells(asVersion3),
  },
  {
    name: 'zero-body',
    origin: 'measured: stock OpenTofu takes it for no state, exit 0',
    does: 'gives a state of no bytes',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: retells(() => Buffer.alloc(0)),
  },
  {
    name: 'truncated-state',
    origin: 'Nix: Transferred a partial file, from the same kind of store',
    does: 'gives the first half of the state, as if it were whole',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: corrupts(halfOf),
  },
  {
    name: 'trailing-bytes',
    origin: 'a shorter body written over a longer one, whose end stayed',
    does: 'gives the state with the end of another one behind it',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: corrupts((body) => Buffer.concat([body, body.subarray(-40)])),
  },
  {
    name: 'doubled-state',
    origin: 'an upload that was sent again and appended',
    does: 'gives the state twice in one body',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: corrupts((body) => Buffer.concat([body, body])),
  },
  {
    name: 'one-byte-changed',
    origin: 'a bit that fell over on a disk without checksums',
    does: 'gives the state with one letter of a value changed, still JSON',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: corrupts((body, { random }) => withOneByteChanged(body, random)),
  },
  {
    name: 'zeroed-block',
    origin: 'RustFS durability relaxed: a power cut before the data were synced',
    does: 'gives the state with zeros in its midst',
    on: 'a read of a state',
    span: { writes: 1 },
    tell: corrupts(withZeros),
  },
  {
    name: 'compressed-state',
    origin: 'a proxy that compresses whether it was asked to or not',
    does: 'gives the state compressed, though nobody asked for that',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: always(async (call) => {
      const answer = await call.honest();
      if (answer.status !== 200) return answer;
      const body = gzipSync(answer.body);
      const headers = { 'content-encoding': 'gzip', 'content-length': String(body.length) };
      return { ...answer, headers: { ...answer.headers, ...headers }, body };
    }),
  },
  {
    name: 'html-page',
    origin: 'a login page of a proxy before the store',
    does: 'gives a page of HTML with 200 in place of the state',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: always(() => textAnswer(HTML, 'text/html')),
  },
  {
    name: 'xml-error-with-200',
    origin: 'S3 manual: 200 may be sent before an error is known',
    does: 'gives an error in XML with 200 in place of the state',
    on: 'GET of a state',
    span: { writes: 1 },
    tell: always(() => xmlAnswer(ERROR)),
  },
  {
    name: 'head-of-older',
    origin: 'metadata that were not brought up with the body',
    does: 'tells HEAD of the state before the last write, and gives the last one to GET',
    on: 'HEAD of a state',
    span: { writes: 2 },
    tell: always((call) => {
      const older = call.bucket?.past(call.key).at(-2);
      return older === undefined ? call.honest() : readAs(call, older);
    }),
  },
];
