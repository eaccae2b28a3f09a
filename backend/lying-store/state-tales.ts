/** A state as far as it is told differently. */
interface Told {
  readonly lineage: string;
  readonly serial: number;
}

const LINEAGE = '7d0f7a52-0000-4000-8000-000000000000';

/** The same state under the lineage of another one. */
export function withOtherLineage(body: Buffer): Buffer | undefined {
  return retold(body, () => ({ lineage: LINEAGE }));
}

/** The same lineage with nothing in it; so many serials later. */
export function emptied(body: Buffer, later: number): Buffer | undefined {
  return retold(body, ({ serial }) => ({ serial: serial + later, resources: [], outputs: {} }));
}

/** The same lineage and serial with another content: the other end of a fork. */
export function forked(body: Buffer): Buffer | undefined {
  return retold(body, () => ({ outputs: { fork: { value: 'other', type: 'string' } } }));
}

/** The same content as a state of a version long gone. */
export function asVersion3(body: Buffer): Buffer | undefined {
  return retold(body, () => ({ version: 3 }));
}

/** A state of some other stack. */
export function foreignState(body: Buffer): Buffer | undefined {
  return retold(body, ({ serial }) => ({
    lineage: LINEAGE,
    serial: serial + 40,
    outputs: {},
    resources: [
      {
        mode: 'managed',
        type: 'terraform_data',
        name: 'foreign',
        provider: 'provider["terraform.io/builtin/terraform"]',
        instances: [
          {
            schema_version: 0,
            attributes: {
              id: '00000000-0000-4000-8000-00000000f0e1',
              input: null,
              output: null,
              triggers_replace: null,
            },
            sensitive_attributes: [],
          },
        ],
      },
    ],
  }));
}

/** One letter or digit of an identity or a value is another one: what was JSON stays JSON, and a state stays a state. */
export function withOneByteChanged(body: Buffer, random: () => number): Buffer | undefined {
  const text = body.toString('latin1');
  const named = [...text.matchAll(/"(?:id|value)": ?"([0-9a-z-]+)"/gi)];
  const values = named.length > 0 ? named : [...text.matchAll(/": ?"([0-9a-z-]+)"/g)];
  const value = values[Math.floor(random() * values.length)];
  const found = value?.[1] ?? '';
  const at = value === undefined ? 0 : value.index + value[0].length - found.length - 1;
  const place = at + Math.floor(random() * found.length);
  if (body.length === 0) return undefined;
  const copy = Buffer.from(body);
  copy[place] = copy[place] === 0x30 ? 0x31 : 0x30;
  return copy;
}

/** The second quarter of a body is zeros, as a block that never reached the disk. */
export function withZeros(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  copy.fill(0, Math.floor(body.length / 4), Math.floor(body.length / 2));
  return copy;
}

/** The lock of somebody who never was. */
export function strangersLock(path: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      ID: '5f3e9c1a-0000-4000-8000-00000000cafe',
      Operation: 'OperationTypeApply',
      Info: '',
      Who: 'somebody@elsewhere',
      Version: '1.12.6',
      Created: '2026-01-01T00:00:00Z',
      Path: path,
    }),
  );
}

/** What is no state cannot be told differently. */
function retold(body: Buffer, change: (state: Told) => object): Buffer | undefined {
  try {
    const state: Told = JSON.parse(body.toString('utf8'));
    if (typeof state.serial !== 'number') return undefined;
    return Buffer.from(`${JSON.stringify({ ...state, ...change(state) })}\n`);
  } catch {
    return undefined;
  }
}
