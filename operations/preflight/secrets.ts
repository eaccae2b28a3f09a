import { SECRET_KINDS } from '../../values/secret-ref.ts';
import { bad, type Check, good, unknown } from '../kubernetes/check.ts';
import { ClusterTrouble } from '../kubernetes/cluster-trouble.ts';
import { readSecret } from '../secrets/live-secret.ts';
import { type Plan, planSecret } from '../secrets/plan.ts';
import { daysLeft } from '../secrets/push-token.ts';
import { secretsOf, surroundingsOf } from '../secrets/required.ts';
import type { Subject } from './subject.ts';

/** A token that ends within these days is worth a word. */
const SOON_DAYS = 14;

/** Every Secret that the stack needs is there, with every key, each in the right form. */
export async function requiredSecrets({ stack, settings, client }: Subject): Promise<Check[]> {
  const refs = secretsOf(stack);
  if (refs.length === 0) return [good('secret', 'the stack needs none')];
  const nowSec = Math.floor(Date.now() / 1000);
  const checks: Check[] = [];
  let jwtKey: string | undefined;
  for (const ref of refs) {
    try {
      const live = await readSecret(client, ref);
      const surroundings = surroundingsOf(ref, { stack, settings, jwtKey, nowSec });
      const plan = planSecret({ ref, live, given: () => [], surroundings, rotate: false });
      if (ref.kind === 'jwt-signing-key' && plan.state === 'present') {
        jwtKey = plan.values['hs256-secret-base64'];
      }
      checks.push(secretCheck(plan, stack.name, nowSec));
    } catch (error) {
      if (!(error instanceof ClusterTrouble && error.kind === 'forbidden')) throw error;
      checks.push(unknown('secret', error.message, `let somebody run it who may read ${ref}`));
    }
  }
  return checks;
}

function secretCheck(plan: Plan, stack: string, nowSec: number): Check {
  const { ref, state, live, problems } = plan;
  const title = `${ref} (${ref.kind})`;
  const ensure = `just secrets-ensure ${stack}`;
  if (state === 'awaited') return good('secret', `${title}: ${SECRET_KINDS[ref.kind].shape}`);
  if (state === 'bad') {
    const said = Object.entries(problems).map(([key, problem]) => `${key} ${problem}`.trim());
    return bad('secret', `${title}: ${said.join('; ')}`, `${ensure} says what to do`);
  }
  if (state === 'present') {
    const days =
      ref.kind === 'attic-push-token' ? daysLeft(plan.values.token ?? '', nowSec) : undefined;
    const soon = days !== undefined && days <= SOON_DAYS;
    return good(
      'secret',
      soon ? `${title}; it ends in ${days} days: just secrets-rotate ${stack} ${ref.kind}` : title,
    );
  }
  const lacking = SECRET_KINDS[ref.kind].keys.filter((key) => live?.values[key] === undefined);
  return bad(
    'secret',
    live === undefined ? `${title} is not there` : `${title} lacks ${lacking.join(', ')}`,
    ensure,
  );
}
