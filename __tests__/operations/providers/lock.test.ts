import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  COMMITTED_LOCK,
  committedLockWith,
  locksFor,
  readCommittedLock,
} from '../../../operations/providers/committed-lock.ts';
import { localFolder, PLATFORM } from '../../../operations/providers/local-packages.ts';
import { parseLock, renderLock } from '../../../operations/providers/lock-file.ts';
import { requiredProviders } from '../../../operations/providers/required-providers.ts';
import { EXAMPLES } from '../../support/examples.ts';
import { exampleContext, synthesizeStacks } from '../../support/synthesized.ts';

const HELM = { name: 'helm', address: 'registry.opentofu.org/hashicorp/helm', version: '3.1.1' };

describe('the committed lock', () => {
  const committed = readCommittedLock();

  test.each(EXAMPLES)('knows every provider of the stacks of %s', (example) => {
    for (const text of Object.values(synthesizeStacks(exampleContext(example)))) {
      const required = requiredProviders(JSON.parse(text));
      const locked = locksFor(required, committed);
      expect(required.length).toBeGreaterThan(1);
      expect(locked.map(({ address, version }) => ({ address, version }))).toEqual(
        required.map(({ address, version }) => ({ address, version })),
      );
    }
  });

  test('holds the archive of every platform, and what comes out of those in use', () => {
    for (const { address, version, constraints, hashes } of committed) {
      expect(address).toMatch(/^registry\.opentofu\.org\/hashicorp\/[a-z]+$/);
      expect(constraints).toBe(version);
      const archives = hashes.filter((hash) => /^zh:[0-9a-f]{64}$/.test(hash));
      const contents = hashes.filter((hash) => /^h1:[A-Za-z0-9+/]{43}=$/.test(hash));
      expect(archives.length).toBeGreaterThanOrEqual(9);
      expect(contents.length).toBeGreaterThanOrEqual(3);
      expect(archives.length + contents.length).toBe(new Set(hashes).size);
    }
  });

  test('is as the command writes it', () => {
    const text = readFileSync(COMMITTED_LOCK, 'utf8');
    expect(committedLockWith([], committed)).toBe(text);
    expect(committedLockWith(committed.slice(1), committed)).toBe(text);
  });
});

test('a lock file is read as tofu writes it, and written so again', () => {
  const text = `# This file is maintained automatically by "tofu init".
# Manual edits may be lost in future updates.

provider "registry.opentofu.org/hashicorp/helm" {
  version     = "3.1.1"
  constraints = "3.1.1"
  hashes = [
    "h1:aaa=",
    "zh:bbb",
  ]
}

provider "registry.opentofu.org/hashicorp/kubernetes" {
  version     = "2.38.0"
  constraints = "2.38.0"
  hashes = [
    "h1:ccc=",
  ]
}
`;
  const locked = parseLock(text);
  expect(locked.map(({ version, hashes }) => [version, hashes])).toEqual([
    ['3.1.1', ['h1:aaa=', 'zh:bbb']],
    ['2.38.0', ['h1:ccc=']],
  ]);
  expect(renderLock(locked.toReversed())).toBe(text);
});

test('a stack requires providers by short, by longer and by whole sources', () => {
  const providers = {
    two: { source: 'else.example.com/a/two', version: '2.0.0' },
    one: { source: 'a/one', version: '1.0.0' },
    helm: { source: 'helm', version: '3.1.1' },
  };
  expect(requiredProviders({ terraform: { required_providers: providers } })).toEqual([
    HELM,
    { name: 'one', address: 'registry.opentofu.org/a/one', version: '1.0.0' },
    { name: 'two', address: 'else.example.com/a/two', version: '2.0.0' },
  ]);
  expect(requiredProviders({})).toEqual([]);
});

describe('a provider of this machine', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'flywheel-mirrors-'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  function put(folder: string, version = HELM.version): string {
    mkdirSync(join(home, folder, HELM.address, version, PLATFORM), { recursive: true });
    return join(home, folder);
  }

  function find(environment: NodeJS.ProcessEnv = {}) {
    return localFolder(HELM, { HOME: home, ...environment });
  }

  test('is found where tofu looks by itself', () => {
    expect(find()).toBeUndefined();
    put('.terraform.d/plugins', '3.1.0');
    expect(find()).toBeUndefined();
    const data = put('data/opentofu/plugins');
    expect(find({ XDG_DATA_HOME: join(home, 'data') })).toBe(data);
    const own = put('.terraform.d/plugins');
    expect(find({ XDG_DATA_HOME: join(home, 'data') })).toBe(own);
  });

  test('is found packed, too', () => {
    const folder = join(home, '.terraform.d', 'plugins');
    mkdirSync(join(folder, HELM.address), { recursive: true });
    const file = `terraform-provider-helm_${HELM.version}_${PLATFORM}.zip`;
    writeFileSync(join(folder, HELM.address, file), '');
    expect(find()).toBe(folder);
  });

  test('is found in the mirror that the configuration names, and then nowhere else', () => {
    put('.terraform.d/plugins');
    const mirror = put('mirror');
    const installation = (path: string) =>
      `provider_installation {\n  # filesystem_mirror { path = "/nowhere" }\n  filesystem_mirror {\n    path = "${path}"\n  }\n  direct {}\n}\n`;
    writeFileSync(join(home, '.tofurc'), installation(mirror));
    expect(find()).toBe(mirror);
    writeFileSync(join(home, 'other'), installation(join(home, 'empty')));
    expect(find({ TF_CLI_CONFIG_FILE: join(home, 'other') })).toBeUndefined();
    writeFileSync(join(home, 'plain'), 'plugin_cache_dir = "x"\n');
    expect(find({ TF_CLI_CONFIG_FILE: join(home, 'plain') })).toBe(
      join(home, '.terraform.d', 'plugins'),
    );
  });
});
