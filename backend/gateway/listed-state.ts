import { textsIn } from '../store/answer-xml.ts';
import { stateRequest } from './fetch-state.ts';
import { stateText } from './known-state.ts';
import { isStatus } from './reply-fault.ts';
import type { Run, SeenState } from './run.ts';

/**
 * A newer state without any resource is what somebody else's destroy leaves, and what a store shows that has lost the state. The
 * listing is kept elsewhere in a store than the bytes, so the two have to agree.
 *
 * @throws Refusal when the store lists another object than it gives
 */
export async function requireListed(
  run: Run,
  { facts, answer }: Extract<SeenState, { kind: 'state' }>,
): Promise<void> {
  const { key } = run.options.state;
  const query = { 'list-type': '2', prefix: key, 'max-keys': '2' };
  const reply = await run.upstream.ask({ method: 'GET', query });
  const at = isStatus(reply, 200) ? textsIn(reply, 'Key').indexOf(key) : -1;
  const size = at < 0 || !isStatus(reply, 200) ? undefined : textsIn(reply, 'Size')[at];
  if (size !== undefined && size !== String(answer.body.length)) {
    const seen = `${stateText(facts)} of ${answer.body.length} bytes, where it lists ${size}`;
    throw run.refusal('state-emptied', stateRequest(run), seen);
  }
  run.note(
    `${stateText(facts)} has no resource left, and no witness has heard of a destroy: apply only if somebody has destroyed ${run.options.state.stack} on purpose`,
  );
}
