import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { show } from '../../values/invalid-value.ts';
import { type Digest, digestText, parseDigest } from './digest.ts';
import type { Way } from './look.ts';

const OPTIONS = {
  digest: { type: 'string', multiple: true },
  sample: { type: 'string' },
  all: { type: 'boolean' },
  seed: { type: 'string' },
  through: { type: 'string' },
  endpoint: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const DEFAULT_SAMPLE = 50;
const MOST_SAMPLE = 1_000_000;
const MOST_SEED = 2 ** 32 - 1;
const WAYS: readonly Way[] = ['server', 'bucket'];

/** Which blobs are to be looked at. */
export type Selection =
  | { readonly kind: 'digests'; readonly digests: readonly Digest[] }
  | { readonly kind: 'sample'; readonly size: number; readonly seed: number }
  | { readonly kind: 'all' };

/** What was asked for on the command line. */
export interface CheckRequest {
  readonly selection: Selection;
  /** @default - every way that is at hand for what is selected */
  readonly through: Way | undefined;
  readonly endpoint: string | undefined;
  readonly json: boolean;
}

/**
 * Reads the options of the command.
 *
 * @throws Failure with all that is wrong with them at once
 */
export function checkRequest(args: readonly string[]): CheckRequest {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const reading = new Reading();
  const through = values.through === undefined ? undefined : reading.way(values.through);
  const digests = reading.digests(values.digest ?? []);
  const size = reading.number('--sample', values.sample, 1, MOST_SAMPLE) ?? DEFAULT_SAMPLE;
  const seed = reading.number('--seed', values.seed, 0, MOST_SEED) ?? randomInt(2 ** 32);
  reading.problems.push(...mixtures(values));
  if (reading.problems.length > 0) throw new Failure(reading.problems.join('\n'), EXIT.usage);
  return {
    selection: selectionOf({ digests, all: values.all === true, size, seed }),
    through,
    endpoint: values.endpoint,
    json: values.json === true,
  };
}

function selectionOf(given: {
  readonly digests: readonly Digest[];
  readonly all: boolean;
  readonly size: number;
  readonly seed: number;
}): Selection {
  if (given.digests.length > 0) return { kind: 'digests', digests: given.digests };
  return given.all ? { kind: 'all' } : { kind: 'sample', size: given.size, seed: given.seed };
}

/** An option that would change nothing is a misunderstanding, and is told. */
function mixtures(values: Readonly<Record<string, unknown>>): string[] {
  const has = (name: string) => values[name] !== undefined;
  const selections = ['digest', 'sample', 'all'].filter(has).map((name) => `--${name}`);
  const isListed = !has('digest');
  return [
    ...(selections.length > 1
      ? [`${selections.join(' and ')} exclude each other\n    give one of them`]
      : []),
    ...(has('seed') && (has('digest') || has('all'))
      ? ['--seed chooses a sample\n    leave it out where nothing is chosen']
      : []),
    ...(isListed && values.through === 'server'
      ? [
          '--through server cannot list blobs: a server has no such question\n    name them with --digest',
        ]
      : []),
    ...(has('endpoint') && (isListed || values.through === 'bucket')
      ? [
          '--endpoint names the server, and only the bucket is looked into\n    add --digest, or leave --endpoint out',
        ]
      : []),
  ];
}

class Reading {
  readonly problems: string[] = [];

  way(text: string): Way | undefined {
    const way = WAYS.find((each) => each === text);
    if (way === undefined) {
      this.problems.push(`--through must be server or bucket, got: ${show(text)}`);
    }
    return way;
  }

  /** Each once, however often it was given. */
  digests(texts: readonly string[]): Digest[] {
    const digests = texts.flatMap((text) => {
      try {
        return [parseDigest(text)];
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.problems.push(error.message);
        return [];
      }
    });
    return [...new Map(digests.map((digest) => [digestText(digest), digest])).values()];
  }

  number(name: string, text: string | undefined, least: number, most: number): number | undefined {
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    this.problems.push(
      `${name} must be a whole number from ${least} to ${most}, got: ${show(text)}`,
    );
    return undefined;
  }
}
