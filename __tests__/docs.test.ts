import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FINDINGS } from '../backend/gateway/findings/finding-of.ts';

const PAGES = readdirSync('docs')
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const RECIPES = spawnSync('node_modules/.bin/just', ['--summary'], { encoding: 'utf8' })
  .stdout.trim()
  .split(' ');

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  test('names only recipes that exist', () => {
    const named = [...text.matchAll(/(?:^|`)just ([a-z][a-z-]+)/gm)].map(([, name = '']) => name);
    expect(named.filter((name) => !RECIPES.includes(name))).toEqual([]);
  });

  test('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
  });
});

describe('the page for operators', () => {
  test('names only findings that the gateway knows', () => {
    const headings = [
      ...readFileSync('docs/state-authority.md', 'utf8').matchAll(/^### .*$/gm),
    ].flatMap(([heading]) => [...heading.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code));
    expect(headings.length).toBeGreaterThan(3);
    expect(headings.filter((code) => !((code ?? '') in FINDINGS))).toEqual([]);
  });
});
