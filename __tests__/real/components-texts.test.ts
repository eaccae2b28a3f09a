import { readFileSync } from 'node:fs';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { asObjects, at, type JsonObject } from '../../policy/model/json.ts';
import { JUDGED } from './charts/judged-settings.ts';
import { releasesIn } from './charts/releases.ts';
import { configFiles } from './components/config-files.ts';
import { needsOnPath } from './components/needs-on-path.ts';
import { scratchFolder, writeText } from './components/scratch.ts';
import { run } from './run-program.ts';

const folder = scratchFolder('texts');

/** The `config.toml` of every GitLab pool, as a manager has it after its chart has been rendered and it has registered. */
const RUNNERS = JUDGED.flatMap((settings) =>
  releasesIn(settings)
    .filter(({ chart }) => chart === 'gitlab-runner')
    .map((release) => {
      const template = String(at(release.values, 'runners', 'config'));
      return {
        title: `${settings}: ${release.name}`,
        text: template.replaceAll('{{ "{{" }}', '{{'),
        concurrent: Number(at(release.values, 'concurrent')),
        url: String(at(release.values, 'gitlabUrl')),
      };
    }),
);

const TOMLS = [
  ...['server.toml', 'config.toml'].flatMap((name) =>
    configFiles(name).map(({ settings, map, text }) => ({ title: `${settings}: ${map}`, text })),
  ),
  ...RUNNERS,
];

const READ = 'import json, sys, tomllib; json.dump(tomllib.load(sys.stdin.buffer), sys.stdout)';

describe('files in TOML, read by the parser of Python', () => {
  for (const { title, text } of TOMLS) {
    test(`${title} means there what it means here`, async (context) => {
      const python = needsOnPath(context, 'python3', 'it only gives a second opinion');
      const { code, stdout, stderr } = await run(python, ['-c', READ], { input: text });
      if (/No module named 'tomllib'/.test(stderr)) context.skip('Python is older than 3.11');
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toEqual(parse(text));
    });
  }
});

describe('the configuration of managers, read by gitlab-runner', () => {
  const because = 'its modules are not all to be had from a Go proxy';

  for (const { title, text, concurrent, url } of RUNNERS) {
    test(`${title} is understood`, async (context) => {
      const program = needsOnPath(context, 'gitlab-runner', because);
      const file = writeText(folder, 'config.toml', registered(text, concurrent, url));
      const { code, stdout, stderr } = await run(program, ['list', '--config', file]);
      expect(code, stderr).toBe(0);
      const [, name = ''] = /^name = "(.*)"$/m.exec(text) ?? [];
      expect(`${stdout}${stderr}`).toMatch(new RegExp(`${name} +.*Executor.*=kubernetes`));
      expect(`${stdout}${stderr}`).not.toMatch(/WARN|ERROR|FATAL|PANIC/);
    });
  }

  test('is refused where a key has a value of another kind', async (context) => {
    const program = needsOnPath(context, 'gitlab-runner', because);
    for (const { text, concurrent, url } of RUNNERS.slice(0, 1)) {
      const broken = text.replace(/^poll_timeout = .*$/m, 'poll_timeout = "soon"');
      const file = writeText(folder, 'broken.toml', registered(broken, concurrent, url));
      // It warns, lists nothing, and ends as if all were well.
      const { stdout, stderr } = await run(program, ['list', '--config', file]);
      expect(`${stdout}${stderr}`).toContain('poll_timeout');
      expect(`${stdout}${stderr}`).not.toContain('Executor');
    }
  });
});

/** What registration adds to the template: the address and the token. */
function registered(template: string, concurrent: number, url: string): string {
  const { runners, ...rest } = parse(template);
  const [runner] = asObjects(runners) as JsonObject[];
  return stringify({ concurrent, ...rest, runners: [{ ...runner, url, token: 'glrt-none' }] });
}

describe('the configuration of Attic, read by atticd', () => {
  for (const { settings, text } of configFiles('server.toml')) {
    test(`${settings}: is understood`, async (context) => {
      const atticd = needsOnPath(context, 'atticd', 'its crate is in no registry');
      const file = writeText(folder, 'server.toml', text);
      const { code, stderr } = await run(atticd, ['--config', file, '--mode', 'check-config'], {
        environment: {
          ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64: Buffer.from('not a secret').toString('base64'),
          ATTIC_SERVER_DATABASE_URL: 'sqlite::memory:',
          AWS_ACCESS_KEY_ID: 'none',
          AWS_SECRET_ACCESS_KEY: 'none',
        },
      });
      expect(code, stderr).toBe(0);
    });
  }
});

describe('scripts, read by shellcheck', () => {
  const scripts = [
    ...configFiles('warm-cache.sh').map(({ settings, text }) => [
      `${settings}: warm-cache.sh`,
      text,
    ]),
    ...['tools/cdktf-cli/compare.sh', 'tools/gitlab-ci-local/list.sh'].map((file) => [
      file,
      readFileSync(file, 'utf8'),
    ]),
  ];
  for (const [title, text] of scripts) {
    test(`${title} has nothing to remark`, async (context) => {
      const shellcheck = needsOnPath(context, 'shellcheck', 'no project of ours needs it else');
      const { code, stdout } = await run(shellcheck, ['-'], { input: text ?? '' });
      expect(code, stdout).toBe(0);
    });
  }

  test('a mistake in one is found', async (context) => {
    const shellcheck = needsOnPath(context, 'shellcheck', 'no project of ours needs it else');
    const { code, stdout } = await run(shellcheck, ['-'], { input: '#!/bin/sh\nrm -r $1/*\n' });
    expect([code, stdout]).toEqual([1, expect.stringContaining('SC2086')]);
  });
});
