import type * as z from 'zod';
import { ownValue } from '../values/own-value.ts';
import { nearest } from './known-keys.ts';
import type { RuleParams } from './schema/fields.ts';

/** What must hold, continuing the word "must", and what to do. */
export interface Explanation {
  readonly rule: string;
  readonly remedy?: string | undefined;
}

type Issue = z.core.$ZodIssue;

/** A longer list of words is not read; the nearest one says more. */
const MAX_LISTED = 10;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/**
 * An issue of the schema library in our own words.
 *
 * @param value what the file says at that place
 */
export function explain(issue: Issue, value: unknown): Explanation {
  const { rule, remedy } = explanationOf(issue, value);
  if (issue.code === 'custom') return { rule, remedy };
  return { rule, remedy: remedyForNothing(value) ?? remedy ?? 'write it in that form' };
}

function explanationOf(issue: Issue, value: unknown): Explanation {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, value);
    case 'too_small':
      return amount('least', issue.origin, Number(issue.minimum));
    case 'too_big':
      return amount('most', issue.origin, Number(issue.maximum));
    case 'invalid_value':
      return oneOf(issue.values.map(String), value);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options)
        ? oneOf(issue.options.map(String), value)
        : { rule: issue.message };
    case 'custom':
      return (issue.params as RuleParams | undefined) ?? { rule: issue.message };
    default:
      return { rule: issue.message };
  }
}

function wrongType(expected: string, value: unknown): Explanation {
  const rule = `be ${TYPE_NAMES[expected] ?? expected}`;
  if (expected === 'string' && ['number', 'boolean'].includes(typeof value)) {
    return { rule, remedy: 'put it into quotes' };
  }
  const forText = typeof value === 'string' ? remedyForText(expected, value) : undefined;
  return { rule, remedy: forText ?? ownValue(FORMS, expected) };
}

/** How a value of each type is written. */
const FORMS: Readonly<Record<string, string>> = {
  string: 'write one text',
  number: 'write one number, without quotes and unit',
  int: 'write it without a fraction',
  boolean: 'write true or false',
  array: 'write a list: "- " before each item, or [a, b]',
  object: 'write "key: value" lines, indented below it and without "- "',
  record: 'write "key: value" lines, indented below it and without "- "',
};

/** Words that older YAML read as true or false. */
const OLD_BOOLEANS: Readonly<Record<string, string>> = {
  yes: 'write true',
  on: 'write true',
  no: 'write false',
  off: 'write false',
};

function remedyForText(expected: string, text: string): string | undefined {
  if (expected === 'boolean') return ownValue(OLD_BOOLEANS, text.toLowerCase()) ?? unquoted(text);
  return ['number', 'int'].includes(expected) ? unquoted(text) : undefined;
}

function unquoted(text: string): string | undefined {
  return isBareWord(text) ? 'take it out of its quotes' : undefined;
}

/** True for text that YAML reads as a number, true or false as soon as its quotes are gone. */
function isBareWord(text: string): boolean {
  return /^(-?\d+(\.\d+)?|true|false)$/.test(text);
}

function amount(end: 'least' | 'most', origin: string, bound: number): Explanation {
  const tooLittle = end === 'least';
  if (origin === 'string') {
    const remedy = tooLittle ? 'write more' : 'shorten it';
    return { rule: `be at ${end} ${bound} characters long`, remedy };
  }
  if (origin === 'array') {
    const rule = `have at ${end} ${bound} ${bound === 1 ? 'item' : 'items'}`;
    return { rule, remedy: tooLittle ? 'add one' : 'remove some' };
  }
  return { rule: `be at ${end} ${bound}`, remedy: tooLittle ? 'raise it' : 'lower it' };
}

function oneOf(values: readonly string[], value: unknown): Explanation {
  const near = typeof value === 'string' ? nearest(values, value) : undefined;
  if (near !== undefined && values.length > MAX_LISTED) {
    return { rule: `be one of ${values.length} known words`, remedy: `did you mean ${near}?` };
  }
  const rule = values.length === 1 ? `be ${values[0]}` : `be one of ${values.join(', ')}`;
  const choose = values.length === 1 ? `write ${values[0]}` : 'choose one of them';
  return { rule, remedy: near === undefined ? choose : `did you mean ${near}?` };
}

function remedyForNothing(value: unknown): string | undefined {
  if (value === undefined) return 'add it';
  return value === null ? 'give it a value or remove the key' : undefined;
}
