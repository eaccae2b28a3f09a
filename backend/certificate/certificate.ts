import type { ExitCode } from '../../console/exit-code.ts';
import { asObjects, asText, at, isObject, type JsonObject } from '../../policy/model/json.ts';
import { evidenceIn } from '../evidence-text.ts';
import type { StoreAccess } from '../store/store-access.ts';
import { type Proof, type ProofResult, proofsExitCode } from './proof.ts';
import type { CertificateForm, Proving } from './prove.ts';

const KIND = 'flywheel-store-certificate';
const VERSION = 1;
const DAY_MS = 86_400_000;
/** What was proved a month ago may be true of another release of the server. */
const VALID_DAYS: Readonly<Record<CertificateForm, number>> = { full: 30, short: 1 };

/** The store that was proved. */
export interface CertifiedStore {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** As the server calls itself, where it does. */
  readonly server?: string;
  /** Of the server, where somebody can say: stores do not. */
  readonly version?: string;
  /** Whether the bucket kept old versions; absent where nobody could tell. */
  readonly keepsVersions?: boolean;
}

/** Who vouches for a certificate. */
export interface CertificateSignature {
  readonly algorithm: string;
  /** SPKI, in base64. */
  readonly publicKey: string;
  /** In base64. */
  readonly value: string;
}

/** What a store was seen to do, when, and until when that is taken for granted. */
export interface Certificate {
  readonly kind: typeof KIND;
  readonly certificate: typeof VERSION;
  readonly form: CertificateForm;
  readonly store: CertifiedStore;
  /** In ISO 8601. */
  readonly at: string;
  readonly expires: string;
  readonly by: string;
  readonly proofs: readonly Proof[];
  /** Absent where nobody vouches for it. */
  readonly signature?: CertificateSignature;
}

/** Writes down what was proved. */
export function certificateOf(
  { proofs, server, keepsVersions }: Proving,
  how: {
    readonly access: Pick<StoreAccess, 'bucket' | 'endpoint' | 'region'>;
    readonly form: CertificateForm;
    readonly by: string;
    readonly version?: string | undefined;
    readonly now?: Date;
  },
): Certificate {
  const { access, form, by, version, now = new Date() } = how;
  const { endpoint, bucket, region } = access;
  return {
    kind: KIND,
    certificate: VERSION,
    form,
    store: {
      endpoint,
      bucket,
      region,
      ...(server === undefined ? {} : { server }),
      ...(version === undefined ? {} : { version }),
      ...(keepsVersions === undefined ? {} : { keepsVersions }),
    },
    at: now.toISOString(),
    expires: new Date(now.getTime() + VALID_DAYS[form] * DAY_MS).toISOString(),
    by,
    proofs,
  };
}

/** 0 for a store that does all of it, 2 for one that no state is safe in, 1 where that is not known, 3 for lesser faults. */
export function certificateExitCode({ proofs }: Certificate): ExitCode {
  return proofsExitCode(proofs);
}

/** Whether a store was proved to refuse a write over a version that is not the last one. */
export function provesCompareAndSwap({ proofs }: Certificate): boolean {
  return proofs.some(({ name, outcome }) => name === 'compare-and-swap' && outcome === 'proved');
}

/** What a certificate says in its file. */
export function certificateText(certificate: Certificate): string {
  return `${JSON.stringify(certificate, undefined, 2)}\n`;
}

/**
 * Reads what {@link certificateText} wrote.
 *
 * @returns undefined for anything that is no certificate
 */
export function parseCertificate(text: string): Certificate | undefined {
  const value = evidenceIn(text);
  if (!isObject(value) || value.kind !== KIND || value.certificate !== VERSION) return undefined;
  const { form, store, at: madeAt, expires, by } = value;
  const times = [madeAt, expires].every((time) => !Number.isNaN(Date.parse(asText(time) ?? '')));
  const proofs = asObjects(value.proofs).filter(isProof);
  if (!times || proofs.length === 0 || asText(by) === undefined) return undefined;
  if (!isForm(form) || !isStore(store) || !hasGoodSignature(value)) return undefined;
  return value as unknown as Certificate;
}

function isForm(value: unknown): value is CertificateForm {
  return value === 'full' || value === 'short';
}

const OUTCOMES: readonly ProofResult['outcome'][] = ['not-run', 'proved', 'refuted'];

function isProof(value: JsonObject): boolean {
  const { name, outcome, weight } = value;
  return (
    asText(name) !== undefined &&
    OUTCOMES.some((each) => each === outcome) &&
    (weight === 'must' || weight === 'should')
  );
}

function isStore(value: unknown): boolean {
  return ['endpoint', 'bucket', 'region'].every((name) => asText(at(value, name)) !== undefined);
}

/** No signature is a right one too: it says that nobody vouches. */
function hasGoodSignature({ signature }: JsonObject): boolean {
  if (signature === undefined) return true;
  return ['algorithm', 'publicKey', 'value'].every(
    (name) => asText(at(signature, name)) !== undefined,
  );
}
