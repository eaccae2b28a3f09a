import type { Settings } from '../../config/settings.ts';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { definedObjects } from '../../policy/model/cluster.ts';
import { asObjects, asText, asTextMap, at } from '../../policy/model/json.ts';
import { requiredSecrets } from '../../policy/model/known-secrets.ts';
import type { JudgedStack } from '../../policy/policy-input.ts';
import { SecretRef } from '../../values/secret-ref.ts';
import { isSecretKind, type Surroundings } from './practice.ts';

/** The Secrets that a stack says it needs, those first from which others are made. */
export function secretsOf(stack: JudgedStack): SecretRef[] {
  const refs = requiredSecrets([stack]).map(({ kind, namespace, name }) => {
    if (isSecretKind(kind)) return SecretRef.of(kind, namespace, name);
    throw new Failure(`${stack.name} needs ${namespace}/${name} of the unknown kind ${kind}`);
  });
  const twice = refs.find((ref, index) =>
    refs.some((other, at) => at > index && String(other) === String(ref)),
  );
  if (twice !== undefined) {
    throw new Failure(
      `${stack.name} needs ${twice} as two kinds at once: run just synth`,
      EXIT.bad,
    );
  }
  const rank = ({ kind }: SecretRef) => (kind === 'jwt-signing-key' ? 0 : 1);
  return refs.sort((left, right) => rank(left) - rank(right) || order(String(left), String(right)));
}

function order(left: string, right: string): number {
  return left < right ? -1 : 1;
}

/** What is to be known about a Secret besides its kind, from the settings and the declaration of the caches. */
export function surroundingsOf(
  ref: SecretRef,
  {
    stack,
    settings,
    jwtKey,
    nowSec,
  }: {
    readonly stack: JudgedStack;
    readonly settings: Settings;
    readonly jwtKey: string | undefined;
    readonly nowSec: number;
  },
): Surroundings {
  const { warming, tokens } = settings.attic;
  const cacheName = ref.kind === 'cache-signing-key' ? cacheOfPair(stack, ref) : undefined;
  return {
    cache:
      cacheName === undefined
        ? undefined
        : { name: cacheName, publicKey: settings.attic.caches[cacheName]?.publicKey },
    push:
      warming === undefined
        ? undefined
        : { cache: warming.cache, issuer: tokens.issuer, audiences: tokens.audiences },
    jwtKey,
    nowSec,
  };
}

/** The cache that a signing pair is for, as the program that keeps the caches is told. */
function cacheOfPair(stack: JudgedStack, ref: SecretRef): string | undefined {
  for (const { kind, body } of definedObjects([stack])) {
    const text = kind === 'ConfigMap' ? asTextMap(body.data)['caches.json'] : undefined;
    if (text === undefined) continue;
    const caches = asObjects(at(JSON.parse(text), 'caches'));
    const mine = caches.find(({ keypairSecret }) => keypairSecret === String(ref));
    if (mine !== undefined) return asText(mine.name);
  }
  return undefined;
}
