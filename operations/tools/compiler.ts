import { type Answer, ask, findOnPath } from './on-path.ts';
import type { Place } from './place.ts';
import type { Program } from './programs.ts';

/** The compiler that a build on this machine uses. */
export type Compiler =
  | { readonly status: 'usable'; readonly path: string; readonly version: string }
  | { readonly status: 'missing' | 'old'; readonly because: string; readonly fix: string };

interface Kind {
  readonly title: string;
  readonly command: string;
  readonly question: readonly string[];
  readonly answer: RegExp;
  readonly home: string;
}

const KINDS: Readonly<Record<Program['language'], Kind>> = {
  go: {
    title: 'Go',
    command: 'go',
    question: ['env', 'GOVERSION', 'GOTOOLCHAIN'],
    answer: /^go(\d+\.\d+(?:\.\d+)?)/,
    home: 'https://go.dev/dl',
  },
  rust: {
    title: 'Rust',
    command: 'rustc',
    question: ['--version'],
    answer: /^rustc (\d+\.\d+\.\d+)/,
    home: 'https://rustup.rs',
  },
};

/**
 * Finds the compiler, and says which version would build what needs at least the given one.
 *
 * Go may fetch a newer version of itself, unless GOTOOLCHAIN says that it must not: then it takes exactly the one needed.
 */
export async function findCompiler(
  language: Program['language'],
  needed: string,
  { environment }: Pick<Place, 'environment'>,
): Promise<Compiler> {
  const { title, command, question, answer, home } = KINDS[language];
  const fix = `install ${title} ${needed} or newer (${home})`;
  const path = findOnPath(command, environment);
  if (path === undefined) return { status: 'missing', because: `${title} is not on PATH`, fix };
  const said = await ask(path, question, environment);
  const version = answer.exec(said.text)?.[1];
  if (said.failure !== undefined || version === undefined) {
    const because = `${path} does not say its version: ${said.failure ?? firstLine(said)}`;
    return { status: 'missing', because, fix };
  }
  if (!isOlder(version, needed)) return { status: 'usable', path, version };
  if (language === 'go' && /\b(auto|path)\s*$/.test(said.text.trim().split('\n')[1] ?? '')) {
    return { status: 'usable', path, version: needed };
  }
  return { status: 'old', because: `${path} is ${title} ${version}, older than ${needed}`, fix };
}

function firstLine({ text }: Answer): string {
  return text.trim().split('\n')[0] ?? '';
}

/** Compares versions of numbers and dots. */
function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split('.').map(Number);
  const [ours, theirs] = [parts(version), parts(than)];
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const difference = (ours[index] ?? 0) - (theirs[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
