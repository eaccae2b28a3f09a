import { isState, readState } from '../state/state-document.ts';
import type { Command } from './recorded-client.ts';

/** What tofu says when it has believed the state as it is. */
const RIGHT: Readonly<Record<Command, RegExp>> = {
  init: /successfully initialized/,
  plan: /No changes\./,
  apply: /Resources: 1 added, 0 changed, 1 destroyed\./,
  destroy: /Resources: 1 destroyed\./,
};

const MADE_ANEW = /Plan: 1 to add, 0 to change, 0 to destroy\./;
const SUMMARIES =
  /^(?:Plan:|No changes\.|Apply complete!|Destroy complete!|OpenTofu has been).*$/gm;

/** What tofu says of a run that has believed the true state; after a destroy there is everything to plan. */
export function rightWords(command: Command, before: Buffer): RegExp {
  const facts = readState(before);
  const isEmpty = isState(facts) && facts.instances === 0;
  return command === 'plan' && isEmpty ? MADE_ANEW : RIGHT[command];
}

/** What tofu came to, in its own words: the last of its sentences that say so. */
export function summaryOf(said: string): string {
  return said.match(SUMMARIES)?.at(-1) ?? '';
}
