import { DefaultTokenResolver, StringConcat, Token, Tokenization } from 'cdktf';
import type { IConstruct } from 'constructs';

type Fragment = Record<string, unknown>;

const RESOLVER = new DefaultTokenResolver(new StringConcat());
const TOKEN_MARK = 'TfToken[';
/** An element with this mark stands for all of a list, and only the whole list can be resolved. */
const LIST_TOKEN_MARK = '#{TfToken[';

/**
 * Resolves the tokens of one stack in values.
 *
 * Text is searched for the mark of a token before the resolver, which tries several regular expressions on every
 * string, sees it; and what it made of a text is kept, since a reference to one namespace stands in many resources.
 */
export class Settler {
  private readonly scope: IConstruct;
  private readonly resolved = new Map<string, string>();

  constructor(scope: IConstruct) {
    this.scope = scope;
  }

  /** The value with every token resolved and everything undefined left out. */
  settle(value: unknown): Fragment {
    return this.settleValue(value) as Fragment;
  }

  private settleValue(value: unknown): unknown {
    if (typeof value === 'string') return this.settleText(value);
    if (typeof value === 'number') return Token.isUnresolved(value) ? this.resolve(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Tokenization.isResolvable(value)) return this.resolve(value);
    if (Array.isArray(value)) return this.settleArray(value);
    return this.settleObject(value);
  }

  private settleText(text: string): unknown {
    if (!text.includes(TOKEN_MARK)) return text;
    const known = this.resolved.get(text);
    if (known !== undefined) return known;
    const resolved = this.resolve(text);
    if (typeof resolved === 'string') this.resolved.set(text, resolved);
    return resolved;
  }

  private settleArray(items: unknown[]): unknown {
    if (items.some((item) => typeof item === 'string' && item.includes(LIST_TOKEN_MARK)))
      return this.resolve(items);
    return items.map((item) => this.settleValue(item)).filter((item) => item !== undefined);
  }

  private settleObject(object: object): Fragment {
    const settled: Fragment = {};
    for (const [key, value] of Object.entries(object)) {
      const item = this.settleValue(value);
      if (item !== undefined) settled[String(this.settleText(key))] = item;
    }
    return settled;
  }

  private resolve(value: unknown): unknown {
    // CDKTF looks for references between stacks only while preparing; there is no other pass here to find them.
    return Tokenization.resolve(value, {
      scope: this.scope,
      resolver: RESOLVER,
      preparing: true,
    });
  }
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
