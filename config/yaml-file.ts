import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { secretShape } from '../values/secret-shape.ts';
import { InvalidFile, type Problem } from './problem.ts';
import { readTextFile, wholeFile } from './text-file.ts';

/** Ten aliases are more than settings ever need; a document that expands without end needs many. */
const MAX_ALIASES = 10;
/** Settings are seven levels deep. */
const MAX_DEPTH = 50;

/** A YAML file as read: its content, and where in the text each part stands. */
export interface YamlFile {
  readonly file: string;
  readonly content: unknown;
  /** The position of the value at that path, or of its nearest parent that is written down. */
  locate(
    path: readonly PropertyKey[],
    target?: 'value' | 'key',
  ): { readonly line: number; readonly column: number };
}

/** Something wrong with the text, before anyone looks at what it says. */
interface Fault {
  readonly offset: number;
  readonly rule: string;
  readonly remedy: string;
}

/**
 * Reads a YAML file that a person wrote.
 *
 * @throws InvalidFile for a file that is missing, empty, too large, not UTF-8, not YAML, or YAML that means something
 * else than it seems to: tags, several documents, merge keys, the key `__proto__`, aliases without end.
 */
export function readYamlFile(file: string): YamlFile {
  const text = readTextFile(file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // The parser compares every key with every other one; below it is a matter of looking up.
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const located = ({ offset, rule, remedy }: Fault): Problem => ({
    ...wholeFile(file, rule, remedy),
    ...position(offset),
  });
  const errors = [...document.errors, ...document.warnings].map(faultOf);
  const repeated = repeatedKeys(document);
  if (errors.length + repeated.length > 0) {
    throw new InvalidFile(onePerLine([...errors, ...repeated].map(located)));
  }
  const faults = structureFaults(document);
  if (faults.length > 0) throw new InvalidFile(faults.map(located));
  return {
    file,
    content: document.toJS({ maxAliasCount: -1 }),
    locate: (path, target = 'value') =>
      position(nodeAt(document.contents, path, target)?.range?.[0] ?? 0),
  };
}

const REPEATED = {
  rule: 'name a key once',
  remedy: 'this key stands above already: remove one of the two',
};
const TOO_DEEP = { rule: `nest at most ${MAX_DEPTH} levels`, remedy: 'is this the right file?' };

/** What the parser complains of, where its own words do not tell a person what to do. */
const SYNTAX_FAULTS: Readonly<Partial<Record<YAMLError['code'], Omit<Fault, 'offset'>>>> = {
  BAD_INDENT: {
    rule: 'be YAML',
    remedy: 'indent this line like its neighbours, and close what was opened',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    rule: 'be YAML',
    remedy: 'indent the keys of one map alike, and put text that holds ": " into quotes',
  },
  MISSING_CHAR: { rule: 'be YAML', remedy: 'close the quote or bracket, or put ":" after the key' },
  MULTIPLE_DOCS: { rule: 'hold one document', remedy: 'remove this line and all below it' },
  NON_STRING_KEY: { rule: 'have keys of text', remedy: 'write `key: value`' },
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: { rule: 'be indented with blanks', remedy: 'replace the tab by two blanks' },
  TAG_RESOLVE_FAILED: { rule: 'have no tags', remedy: 'remove the word that begins with !' },
};

function repeatedKeys(document: Document): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) faults.push({ offset: key.range?.[0] ?? 0, ...REPEATED });
        seen.add(key.value);
      }
    },
  });
  return faults;
}

function faultOf(error: YAMLError): Fault {
  const known = SYNTAX_FAULTS[error.code] ?? { rule: 'be YAML', remedy: oneLine(error.message) };
  return { offset: error.pos[0], ...known };
}

/** The first problem of each line: the parser stumbles again over what follows the first mistake. */
function onePerLine(problems: readonly Problem[]): Problem[] {
  const first = new Map<number, Problem>();
  for (const problem of problems) {
    if (!first.has(problem.line)) first.set(problem.line, problem);
  }
  return [...first.values()];
}

function structureFaults(document: Document): Fault[] {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.source === '')) {
    return [{ offset: 0, rule: 'say something', remedy: 'begin with config/minimal.yaml' }];
  }
  if (!isMap(contents)) {
    return [{ offset: 0, rule: 'be a map of keys', remedy: 'write `key: value` lines' }];
  }
  const faults: Fault[] = [];
  let aliases = 0;
  visit(document, {
    Alias(_, alias, ancestors) {
      aliases += 1;
      const target = alias.resolve(document);
      const fault = aliasFault(aliases, target, ancestors);
      if (fault !== undefined) faults.push({ offset: alias.range?.[0] ?? 0, ...fault });
      return aliases > MAX_ALIASES ? visit.BREAK : undefined;
    },
    Pair(_, { key }) {
      const fault = isScalar(key) ? keyFault(key.value) : undefined;
      if (fault !== undefined) faults.push({ offset: (key as Node).range?.[0] ?? 0, ...fault });
    },
    Collection(_, { range }, ancestors) {
      if (ancestors.length <= 2 * MAX_DEPTH) return undefined;
      faults.push({ offset: range?.[0] ?? 0, ...TOO_DEEP });
      return visit.BREAK;
    },
  });
  return faults;
}

function aliasFault(
  count: number,
  target: Node | undefined,
  ancestors: readonly unknown[],
): Omit<Fault, 'offset'> | undefined {
  if (target === undefined) {
    return { rule: 'define an anchor before it is used', remedy: 'write the value out' };
  }
  if (ancestors.includes(target)) {
    return { rule: 'not contain itself', remedy: 'write the value out' };
  }
  return count > MAX_ALIASES
    ? { rule: `use at most ${MAX_ALIASES} aliases`, remedy: 'write the values out' }
    : undefined;
}

function keyFault(key: unknown): Omit<Fault, 'offset'> | undefined {
  if (key === '__proto__') {
    return { rule: 'have no key __proto__', remedy: 'programs misread it: choose another name' };
  }
  if (key === '<<') {
    return { rule: 'have no merge keys', remedy: 'merge keys are not read: write the keys out' };
  }
  return key === null || key === ''
    ? { rule: 'have no empty key', remedy: 'write a name before the ":"' }
    : undefined;
}

/** The node at the path, or the deepest one on the way to it that is written down. */
function nodeAt(
  node: Node | null,
  path: readonly PropertyKey[],
  target: 'value' | 'key',
): Node | null {
  const [part, ...rest] = path;
  if (part === undefined) return node;
  if (isCollection(node) && typeof part === 'number') {
    return nodeAt((node.items[part] ?? node) as Node, rest, target);
  }
  const pair = isMap(node) ? pairsOf(node).get(part) : undefined;
  if (pair === undefined) return node;
  const wantsKey = pair.value === null || (rest.length === 0 && target === 'key');
  return wantsKey ? (pair.key as Node) : nodeAt(pair.value as Node, rest, target);
}

const PAIRS = new WeakMap<YAMLMap, ReadonlyMap<PropertyKey, Pair>>();

/** The pairs of a map by key, looked up once: a file can have thousands of problems. */
function pairsOf(map: YAMLMap): ReadonlyMap<PropertyKey, Pair> {
  const known =
    PAIRS.get(map) ??
    new Map(
      map.items.flatMap((pair): [PropertyKey, Pair][] =>
        isScalar(pair.key) ? [[pair.key.value as PropertyKey, pair]] : [],
      ),
    );
  PAIRS.set(map, known);
  return known;
}

function isCollection(node: Node | null): node is Node & { items: unknown[] } {
  return node !== null && 'items' in node && Array.isArray(node.items);
}

/** The parser's own words; they can quote the file, and the file can hold what must not be printed. */
function oneLine(message: string): string {
  return secretShape(message) === undefined ? (message.split('\n', 1)[0] ?? '') : '';
}
