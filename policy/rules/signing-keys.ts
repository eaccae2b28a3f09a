import { asObjects, asText } from '../model/json.ts';
import { outputOf } from '../model/stack-json.ts';
import type { Rule } from '../rule.ts';

/** What nobody can verify nobody takes: readers skip a cache whose key they do not trust. */
export const unknownSigningKey: Rule = {
  id: 'unknown-signing-key',
  severity: 'warning',
  meaning: 'The public key of every cache stands in the settings.',
  *judge({ input }) {
    for (const stack of input.stacks) {
      for (const cache of asObjects(outputOf(stack, 'caches'))) {
        if ((asText(cache.public_key) ?? '') !== '') continue;
        const name = asText(cache.name) ?? '';
        yield {
          resource: `${stack.name}: output.caches`,
          problem: `nobody can verify what comes from the cache ${name}: its public key is not known, so no reader is told to trust it`,
          remedy: `make its signing pair beforehand and write the public half under attic.caches.${name}.publicKey`,
        };
      }
    }
  },
};
