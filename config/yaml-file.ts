import { existsSync, readFileSync, statSync } from 'node:fs';
import { isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { show } from '../values/invalid-value.ts';
import { InvalidFile, type Problem } from './problem.ts';

const MAX_BYTES = 1_048_576;
/** Ten aliases are more than settings ever need; a document that expands without end needs many. */
const MAX_ALIASES = 10;

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

/**
 * Reads a YAML file that a person wrote.
 *
 * @throws InvalidFile for a file that is missing, empty, too large, not UTF-8 or not YAML.
 */
export function readYamlFile(file: string): YamlFile {
  const text = readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    throw new InvalidFile(
      errors.map((error) => ({
        ...whole(file, 'be YAML', sentence(error.message)),
        ...position(error.pos[0]),
      })),
    );
  }
  const locate: YamlFile['locate'] = (path, target = 'value') => {
    const node = nodeAt(document.contents, path, target);
    return position(node?.range?.[0] ?? 0);
  };
  return { file, content: contentOf(file, document), locate };
}

function contentOf(file: string, document: ReturnType<typeof parseDocument>): unknown {
  if (document.contents === null)
    throw new InvalidFile([whole(file, 'say something', 'begin with config/minimal.yaml')]);
  if (!isMap(document.contents))
    throw new InvalidFile([whole(file, 'be a map of keys', 'write `key: value` lines')]);
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new InvalidFile([
      whole(
        file,
        `use at most ${MAX_ALIASES} aliases`,
        sentence(String(error instanceof Error ? error.message : error)),
      ),
    ]);
  }
}

function readText(file: string): string {
  if (!existsSync(file)) {
    throw new InvalidFile([
      whole(
        file,
        'exist',
        'name the settings with FLYWHEEL_CONFIG=path, or copy config/minimal.yaml',
      ),
    ]);
  }
  const status = statSync(file);
  if (!status.isFile())
    throw new InvalidFile([whole(file, 'be a file', 'name the settings file itself')]);
  if (status.size > MAX_BYTES) {
    throw new InvalidFile([
      {
        ...whole(
          file,
          'have at most 1 MiB',
          'settings are a few kilobytes; is this the right file?',
        ),
        value: `${status.size} bytes`,
      },
    ]);
  }
  const bytes = readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InvalidFile([
      { ...whole(file, 'be UTF-8 text', 'save it as UTF-8'), ...firstBadByte(bytes) },
    ]);
  }
}

function firstBadByte(bytes: Uint8Array): { line: number; column: number } {
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  const index = lines.findIndex((line) => line.includes('\uFFFD'));
  return { line: index + 1, column: (lines[index]?.indexOf('\uFFFD') ?? 0) + 1 };
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
  const pair = isMap(node)
    ? node.items.find(({ key }) => isScalar(key) && key.value === part)
    : undefined;
  if (pair === undefined) return node;
  const wantsKey = pair.value === null || (rest.length === 0 && target === 'key');
  return wantsKey ? (pair.key as Node) : nodeAt(pair.value as Node, rest, target);
}

function isCollection(node: Node | null): node is Node & { items: unknown[] } {
  return node !== null && 'items' in node && Array.isArray(node.items);
}

function whole(file: string, rule: string, remedy: string): Problem {
  return { file, line: 1, column: 1, path: '', rule, value: '', remedy };
}

/** A library's message as one line. */
function sentence(message: string): string {
  return show(message).slice(1, -1).replaceAll('\\"', '"');
}
