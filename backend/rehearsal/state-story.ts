import { asNumber, asText, at } from '../../policy/model/json.ts';

const LINEAGE = '3f1d7c52-8f0e-4c1b-9a53-5f0e2d9b7a11';
const ANOTHER_LINEAGE = '9b2f4c80-1d3e-4f5a-8b6c-7d8e9f0a1b2c';
const PROVIDER = 'provider["terraform.io/builtin/terraform"]';

/** A state of one resource as tofu writes it, with nothing in it that is new each time. */
export function stateOf(serial: number, value: string, lineage: string = LINEAGE): Buffer {
  const id = `5d6018bb-9b2f-d144-0603-${String(serial).padStart(12, '0')}`;
  const held = { value, type: 'string' };
  const attributes = { id, input: held, output: held, triggers_replace: null };
  const instances = [{ schema_version: 0, attributes, sensitive_attributes: [] }];
  const kind = { mode: 'managed', type: 'terraform_data', name: 'probe', provider: PROVIDER };
  return written(serial, lineage, [{ ...kind, instances }]);
}

/** The state that tofu writes after one that it believes; one that it begins where it believes that there is none. */
export function stateAfter(
  believed: Buffer | undefined,
  by: string,
  how: { readonly empties: boolean },
): Buffer {
  const before: unknown = believed && JSON.parse(believed.toString('utf8'));
  const serial = (asNumber(at(before, 'serial')) ?? 0) + 1;
  const lineage = asText(at(before, 'lineage')) ?? ANOTHER_LINEAGE;
  return how.empties ? written(serial, lineage, []) : stateOf(serial, by, lineage);
}

/** A lock as tofu writes it, of a run that begins now. */
export function lockOf(id: string, operation: string, path: string): Buffer {
  const lock = {
    ID: id,
    Operation: operation,
    Info: '',
    Who: 'operator@here',
    Version: '1.12.6',
    Created: new Date().toISOString(),
    Path: path,
  };
  return Buffer.from(JSON.stringify(lock));
}

function written(serial: number, lineage: string, resources: readonly object[]): Buffer {
  const head = { version: 4, terraform_version: '1.12.6', serial, lineage };
  const state = { ...head, outputs: {}, resources, check_results: null };
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}
