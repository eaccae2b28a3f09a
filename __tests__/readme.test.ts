import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const README = readFileSync('README.md', 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'flywheel-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The commands of the page, block by block. */
const COMMANDS = [...README.matchAll(/^```sh\n([^`]*)^```$/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);

/** Where the commands are run that are too long for this test. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci && npm run synth': '.ci/run',
  'npm ci && npm test': '.ci/run',
  'npx just tools': '.ci/run',
  'npx just charts-pull ../flywheel-charts': '__tests__/operations/charts/pull.test.ts',
  'npx just rehearse ../flywheel-charts': '__tests__/real/stacks-rehearse.test.ts',
};

/** Commands that are meant to fail, with their exit code. */
const REFUSED: Readonly<Record<string, number>> = {
  'FLYWHEEL_CONFIG=/tmp/broken.yaml npm run -s synth': 64,
};

function run(command: string) {
  return spawnSync('bash', ['-c', command.replaceAll('/tmp/', `${folder}/`)], {
    encoding: 'utf8',
    env: { ...process.env, CDKTF_OUTDIR: join(folder, 'out') },
  });
}

describe('the README', () => {
  test('leads with the two commands', () => {
    expect(COMMANDS.slice(0, 2)).toEqual(['npm ci && npm run synth', 'npm ci && npm test']);
  });

  test.each(COMMANDS.filter((command) => RUN_ELSEWHERE[command] === undefined))('%s', (command) => {
    const { status, stderr } = run(command);
    expect(`${status} ${stderr}`).toMatch(new RegExp(`^${REFUSED[command] ?? 0} `));
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('has its two commands run in the checks of every change', () => {
    const checks = readFileSync('.ci/run', 'utf8');
    for (const part of ['npm ci', 'npm run -s synth', 'npm test']) expect(checks).toContain(part);
  });

  test('has a row for every recipe, in the words of the recipe', () => {
    const { stdout } = spawnSync('node_modules/.bin/just', ['--dump', '--dump-format', 'json'], {
      encoding: 'utf8',
    });
    const { recipes } = JSON.parse(stdout) as {
      recipes: Record<string, { doc: string; parameters: { name: string; kind: string }[] }>;
    };
    const rows = Object.entries(recipes)
      .filter(([name]) => name !== 'default')
      .map(([name, { doc, parameters }]) => {
        const words = parameters.map(({ name: word, kind }) =>
          kind === 'singular' ? ` <${word}>` : ` [${word}]`,
        );
        return `| \`${name}${words.join('')}\` | ${doc} |`;
      });
    expect(README.split('\n').filter((line) => line.startsWith('| `'))).toEqual(
      expect.arrayContaining(rows),
    );
    expect(README.split('\n').filter((line) => line.startsWith('| `'))).toHaveLength(rows.length);
  });

  test('links to files that exist', () => {
    const links = [...README.matchAll(/\]\(((?!https?:)[^)]+)\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(path))).toEqual([]);
    expect(links.length).toBeGreaterThan(4);
  });
});
