import type { JudgedStack } from '../policy-input.ts';
import type { HelmRelease } from './helm-release.ts';
import { asObject } from './json.ts';
import type { StackResource } from './stack-json.ts';
import { literalText } from './template-text.ts';

/** A text somewhere in the result. One object stands for every text in turn: what is needed later has to be taken out of it. */
export interface FoundText {
  readonly stack: string;
  /** The resource or block that holds it. */
  readonly address: string;
  /** The last key that is a word. */
  readonly key: string;
  /** As programs read it: with the escapes of OpenTofu undone. Empty for values of a chart, which are shown taken apart. */
  readonly text: string;
  /** As it stands in the JSON; undefined for texts inside the values of a chart, which stand there as one text. */
  readonly written: string | undefined;
  /** The keys to it inside the resource, such as `spec.template.spec.container.0.image`. */
  readonly path: string;
}

type Visit = (text: FoundText) => void;

/** What is walked: the stacks, taken apart already. */
export interface WalkedStacks {
  readonly stacks: readonly JudgedStack[];
  readonly resources: readonly StackResource[];
  readonly releases: readonly HelmRelease[];
}

/**
 * Shows every text of the stacks to the visitor, each once, and the values of charts taken apart.
 *
 * A stack has thousands of texts and hardly one is remarkable, so nothing is made of a text unless somebody asks.
 */
export function walkTexts({ stacks, resources, releases }: WalkedStacks, visit: Visit): void {
  const walker = new TextWalker(visit);
  for (const stack of stacks) {
    for (const { address, value } of blocksOf(stack)) walker.walk(stack.name, address, value, true);
  }
  for (const { stack, address, body } of resources) walker.walk(stack, address, body, true);
  for (const { stack, address, values } of releases) walker.walk(stack, address, values, false);
}

/** Outputs, providers and whatever else a stack has besides resources. */
function blocksOf({ name: stack, json }: JudgedStack) {
  return Object.entries(asObject(json))
    .filter(([name]) => name !== 'resource' && name !== '//')
    .flatMap(([name, block]) =>
      Object.entries(asObject(block)).map(([id, value]) => ({
        address: `${stack}: ${name}.${id}`,
        value,
      })),
    );
}

/** Shows every text below a value to the visitor. */
export function walkValue(
  place: { readonly stack: string; readonly address: string },
  value: unknown,
  visit: Visit,
): void {
  new TextWalker(visit).walk(place.stack, place.address, value, true);
}

class TextWalker implements FoundText {
  stack = '';
  address = '';
  key = '';
  written: string | undefined;
  text = '';
  private readonly keys: (string | number)[] = [];
  private readonly visit: Visit;
  private inStack = true;

  constructor(visit: Visit) {
    this.visit = visit;
  }

  get path(): string {
    return this.keys.join('.');
  }

  walk(stack: string, address: string, value: unknown, inStack: boolean): void {
    this.stack = stack;
    this.address = address;
    this.inStack = inStack;
    this.descend(value, '');
  }

  private descend(value: unknown, key: string): void {
    if (typeof value === 'string') this.show(value, key);
    else if (Array.isArray(value)) this.descendList(value, key);
    else if (typeof value === 'object' && value !== null) this.descendObject(value);
  }

  private show(value: string, key: string): void {
    this.key = key;
    this.written = this.inStack ? value : undefined;
    this.text = this.inStack ? this.asRead(value, key) : value;
    this.visit(this);
  }

  /** Values of a chart are shown once more, taken apart. */
  private asRead(value: string, key: string): string {
    return key === 'values' && this.address.includes(': helm_release.') ? '' : literalText(value);
  }

  private descendList(items: readonly unknown[], key: string): void {
    for (let index = 0; index < items.length; index += 1) {
      this.keys.push(index);
      this.descend(items[index], key);
      this.keys.pop();
    }
  }

  private descendObject(value: object): void {
    for (const key in value) {
      // Notes of CDKTF about itself, and addresses of resources, are no texts of ours.
      if (key === '//' || key === 'depends_on') continue;
      this.keys.push(key);
      this.descend((value as Readonly<Record<string, unknown>>)[key], key);
      this.keys.pop();
    }
  }
}
