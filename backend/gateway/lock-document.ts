/** What a lock says of whoever took it, as tofu writes it. */
export interface LockFacts {
  readonly id: string;
  /** Such as `OperationTypeApply`. */
  readonly operation: string;
  /** A user and a machine. */
  readonly who: string;
  /** In ISO 8601. */
  readonly created: string;
}

/** Reads a lock; undefined for bytes that are none. */
export function readLock(bytes: Uint8Array): LockFacts | undefined {
  const { ID, Operation, Who, Created } = parse(bytes);
  if (typeof ID !== 'string' || ID === '') return undefined;
  return { id: ID, operation: text(Operation), who: text(Who), created: text(Created) };
}

/** A lock for people: who holds it, since when, and for what. */
export function lockText({ id, operation, who, created }: LockFacts): string {
  return `${who}, since ${created}, for ${operation} (id ${id})`;
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'unknown';
}
