import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

type Fragment = Record<string, unknown>;

const RESOLVER = new DefaultTokenResolver(new StringConcat());
const TOKEN_MARK = 'TfToken[';

/**
 * The value with every token resolved and everything undefined left out.
 *
 * Text is searched for the mark of a token before the resolver, which tries several regular expressions on every
 * string, sees it.
 */
export function settle(scope: IConstruct, value: unknown): Fragment {
  return settleValue(scope, value) as Fragment;
}

function settleValue(scope: IConstruct, value: unknown): unknown {
  if (typeof value === 'string') return value.includes(TOKEN_MARK) ? resolve(scope, value) : value;
  if (typeof value === 'number') return Token.isUnresolved(value) ? resolve(scope, value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Tokenization.isResolvable(value)) return resolve(scope, value);
  if (Array.isArray(value)) return settleArray(scope, value);
  return settleObject(scope, value);
}

function settleArray(scope: IConstruct, items: unknown[]): unknown {
  if (items.some((item) => typeof item === 'string' && item.includes(TOKEN_MARK)))
    return resolve(scope, items);
  return items.map((item) => settleValue(scope, item)).filter((item) => item !== undefined);
}

function settleObject(scope: IConstruct, object: object): Fragment {
  const settled: Fragment = {};
  for (const [key, value] of Object.entries(object)) {
    const item = settleValue(scope, value);
    if (item !== undefined)
      settled[key.includes(TOKEN_MARK) ? String(resolve(scope, key)) : key] = item;
  }
  return settled;
}

function resolve(scope: IConstruct, value: unknown): unknown {
  // CDKTF looks for references between stacks only while preparing; there is no other pass here to find them.
  return Tokenization.resolve(value, { scope, resolver: RESOLVER, preparing: true });
}

/** One object of all fragments: objects are merged, arrays joined, and the later of two plain values wins. */
export function mergeFragments(fragments: readonly Fragment[]): Fragment {
  const merged: Fragment = {};
  for (const fragment of fragments) mergeInto(merged, fragment);
  return merged;
}

/** Adds a fragment to another in place. */
export function mergeInto(target: Fragment, source: Fragment): void {
  for (const [key, value] of Object.entries(source)) {
    const present = target[key];
    if (isFragment(value) && isFragment(present)) mergeInto(present, value);
    else if (Array.isArray(value) && Array.isArray(present)) target[key] = [...present, ...value];
    else target[key] = value;
  }
}

function isFragment(value: unknown): value is Fragment {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
