import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const [, ...SECTIONS] = readFileSync('docs/dependencies.md', 'utf8').split(/^## /m);

/** The names in the table of a section, each with what it is for. */
function listed(title: string): Record<string, string> {
  const section = SECTIONS.find((text) => text.startsWith(title)) ?? '';
  const rows = section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm);
  return Object.fromEntries([...rows].map(([, name = '', why = '']) => [name, why]));
}

test.each<[string, string[]]>([
  ['When it runs', Object.keys(dependencies)],
  ['When it is worked on', Object.keys(devDependencies)],
  ['In places of their own', readdirSync('tools').filter((name) => name !== 'cdktn-check')],
])('says of each package why it is there: %s', (title, names) => {
  expect(Object.keys(listed(title)).sort()).toEqual(names.sort());
  for (const why of Object.values(listed(title))) expect(why.split(' ').length).toBeGreaterThan(2);
});

test('has every package at one exact version', () => {
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});
