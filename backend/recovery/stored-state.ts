import { asNumber, asText, at } from '../../policy/model/json.ts';
import { parsedState } from './state-difference.ts';

/** The state that the store has, decrypted, as `tofu state pull` prints it. */
export type StoredState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'state';
      readonly lineage: string;
      readonly serial: number;
      readonly document: unknown;
    };

/** Reads what `tofu state pull` printed: nothing where there is no state. Before it tofu may warn in words. */
export function readPulled(stdout: string): StoredState {
  const begin = stdout.search(/^\{/m);
  const document = begin < 0 ? undefined : parsedState(stdout.slice(begin));
  const lineage = asText(at(document, 'lineage'));
  const serial = asNumber(at(document, 'serial'));
  // Where there is none, tofu prints one that belongs to no history.
  if (document === undefined || !lineage || serial === undefined) return { kind: 'none' };
  return { kind: 'state', lineage, serial, document };
}
