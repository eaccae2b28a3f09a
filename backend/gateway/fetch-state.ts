import { isState, type NoState, readState, type StateFacts } from '../state/state-document.ts';
import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { provedChecksums } from './checksums.ts';
import type { FindingCode } from './findings/finding-of.ts';
import { type Fault, faultOf, isAbsent, isStatus } from './reply-fault.ts';
import type { Run, SeenState } from './run.ts';
import type { Patience } from './upstream.ts';

const NO_STATE: Readonly<Record<NoState['fault'], FindingCode>> = {
  empty: 'state-empty',
  html: 'state-not-json',
  incomplete: 'state-incomplete',
  'no-state': 'state-not-a-state',
  'not-json': 'state-not-json',
  'other-version': 'state-other-version',
  xml: 'state-not-json',
};

/** They name the version that was read, and claim nothing about its bytes. */
const NAMING_HEADERS = ['content-type', 'etag', 'last-modified', 'x-amz-version-id'] as const;

/** A state that was to be written, to compare with what is read back. */
export interface WrittenState {
  readonly bytes: Buffer;
  readonly facts: StateFacts;
}

/** What the state is read with. */
export function stateRequest({ options }: Run): StoreRequest {
  const headers = { 'x-amz-checksum-mode': 'ENABLED' };
  return { method: 'GET', key: options.state.key, headers };
}

/** Reads the state from the store to its end, and looks whether it is one; not yet whether it is the right one. */
export async function fetchState(
  run: Run,
  patience?: Patience,
  written?: WrittenState,
): Promise<Fault | SeenState> {
  const reply = await run.upstream.ask(stateRequest(run), patience, written?.bytes.length);
  if (isAbsent(reply)) return { kind: 'absent' };
  if (!isStatus(reply, 200)) return faultOf(reply);
  return stateIn(reply, written);
}

/** True for what was written, and nothing else. */
export function isWritten(
  seen: Fault | SeenState,
  { bytes }: WrittenState,
): seen is Extract<SeenState, { kind: 'state' }> {
  return seen.kind === 'state' && bytes.equals(seen.answer.body);
}

function stateIn(
  { headers, body }: StoreAnswer,
  written: WrittenState | undefined,
): Fault | SeenState {
  const { proved, wrong } = provedChecksums(headers, body);
  if (wrong !== undefined) {
    const seen = `sent a state that is not the one of which it says ${wrong}`;
    return { kind: 'fault', code: 'state-wrong-checksum', seen };
  }
  // The same bytes say the same, and to read 100 MB again takes a second.
  const facts = written?.bytes.equals(body) === true ? written.facts : readState(body);
  if (!isState(facts)) return { kind: 'fault', code: NO_STATE[facts.fault], seen: facts.because };
  const named = NAMING_HEADERS.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const passed = {
    ...Object.fromEntries(named),
    ...proved,
    'content-length': String(body.length),
  };
  const answer = { status: 200, headers: passed, body };
  return { kind: 'state', facts, etag: headers.etag, answer };
}
