import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../config/read-settings.ts';
import { exampleContext, synthesizeStacks } from '../support/synthesized.ts';

/** The only word that every object inherits and that is a name in Kubernetes. */
const WORD = 'constructor';

const SETTINGS = `
organization: { name: ${WORD}, domain: ${WORD}.example.org }
cluster: { name: ${WORD} }
namespaces: { gitlabRunners: ${WORD} }
objectStore:
  kind: r2
  accountId: 0123456789abcdef0123456789abcdef
  buckets: { attic: ${WORD} }
state: { store: elsewhere }
attic: { caches: { ${WORD}: {} }, defaultCache: ${WORD} }
monitoring: { enabled: true, labels: { ${WORD}: ${WORD} } }
runners:
  gitlab: { pools: { ${WORD}: { type: docker, nodeSelector: { ${WORD}: ${WORD} } } } }
  github: { url: https://github.com/example, scaleSets: { ${WORD}: { type: docker, containerMode: kubernetes-novolume } } }
`;

const folder = mkdtempSync(join(tmpdir(), 'flywheel-inherited-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a word that every object inherits', () => {
  test('can be the name of everything that has a name', () => {
    const file = join(folder, 'settings.yaml');
    writeFileSync(file, SETTINGS);
    const settings = readSettings(file);
    const stacks = synthesizeStacks(exampleContext('minimal', () => settings));
    expect(Object.keys(stacks)).toHaveLength(4);
    for (const text of Object.values(stacks)) expect(text).toContain(WORD);
  });
});
