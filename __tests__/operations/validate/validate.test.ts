import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { validate } from '../../../operations/validate/command.ts';
import { FakeMachine } from '../tools/fake-machine.ts';
import { RecordingPrinter } from '../tools/recording-printer.ts';

/** Plays tofu: what the JSON of the stack says is what it finds. */
const tofu = (version: string) => `#!/bin/sh
if [ "$1" = version ]; then echo "OpenTofu v${version}"; exit 0; fi
echo "$*|$TF_CLI_ARGS|$AWS_SECRET_ACCESS_KEY" >> "$FAKE_FOLDER/log"
json=$(cat cdk.tf.json)
if [ "$1" = init ]; then
  cat .terraform.lock.hcl >> "$FAKE_FOLDER/locks"
  echo "installed" > .terraform-init
  case "$json" in *no-provider*) echo "Error: Could not resolve provider" >&2; exit 1;; esac
  exit 0
fi
case "$json" in
  *wrong*) echo 'There are some problems with the CLI configuration'
    printf '%s\\n' '{"valid":false,"diagnostics":[{"severity":"error","summary":"Unsupported argument","detail":"No argument is\\nnamed wrong.","snippet":{"context":"resource.x.y"}}]}'; exit 1;;
  *old*) echo '{"valid":true,"diagnostics":[{"severity":"warning","summary":"Deprecated","address":"x.y"}]}';;
  *) echo '{"valid":true,"diagnostics":[]}';;
esac
`;
const PLACES =
  '(providers come from their registry, a filesystem_mirror of TF_CLI_CONFIG_FILE, or ~/.terraform.d/plugins)';
const LOCKED = { kubernetes: { source: 'kubernetes', version: '2.38.0' } };

describe('flywheel validate', () => {
  let machine: FakeMachine;
  let outdir: string;
  let printer: RecordingPrinter;

  beforeEach(() => {
    machine = new FakeMachine();
    machine.install('tofu', tofu('1.12.6'));
    outdir = join(machine.folder, 'out');
    printer = new RecordingPrinter();
  });
  afterEach(() => machine.remove());

  function synthesized(stacks: Readonly<Record<string, string>>, required: object = LOCKED): void {
    for (const [name, text] of Object.entries(stacks)) {
      const folder = join(outdir, 'stacks', name);
      mkdirSync(join(folder, 'assets'), { recursive: true });
      const json = { terraform: { required_providers: required }, '//': text };
      writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json));
    }
  }

  function run(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    const place = machine.place({
      CDKTF_OUTDIR: outdir,
      HOME: machine.folder,
      ...settings,
    });
    return validate(args, printer, place);
  }

  test('says of each stack what came of it, and leaves nothing anywhere', async () => {
    synthesized({ attic: 'good', 'arc-runners': 'old', broken: 'wrong', far: 'no-provider' });
    const before = readdirSync(outdir, { recursive: true });
    expect(await run([])).toBe(2);
    expect(printer.results).toEqual(['arc-runners: valid', 'attic: valid']);
    expect(printer.problems).toEqual([
      '    warning in x.y: Deprecated',
      'broken: not valid',
      '    error in resource.x.y: Unsupported argument: No argument is named wrong.',
      `far: not run: Could not resolve provider ${PLACES}`,
    ]);
    expect(readdirSync(outdir, { recursive: true })).toEqual(before);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('flywheel-validate-'))).toEqual(
      [],
    );
  });

  test('locks the providers, and hands on no argument or credential', async () => {
    synthesized({ attic: 'good' });
    const leaks = { TF_CLI_ARGS: '-lock=false', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect(await run(['attic'], leaks)).toBe(0);
    expect(machine.log).toEqual([
      'init -backend=false -input=false -no-color -lockfile=readonly||',
      'validate -json||',
    ]);
    const lock = readFileSync(join(machine.folder, 'locks'), 'utf8');
    expect([...lock.matchAll(/^provider "(.*)"/gm)].map(([, address]) => address)).toEqual([
      'registry.opentofu.org/hashicorp/kubernetes',
    ]);
  });

  test('installs no provider that the lock does not know', async () => {
    synthesized({ attic: 'good' }, { kubernetes: { source: 'kubernetes', version: '9.9.9' } });
    expect(await run([])).toBe(1);
    expect(printer.problems).toEqual([
      'attic: not run: the committed lock does not know kubernetes 9.9.9: run just lock where the registry answers',
    ]);
    expect(machine.log).toEqual([]);
  });

  test('says the same for machines', async () => {
    synthesized({ attic: 'wrong', far: 'no-provider' });
    expect(await run(['--json'])).toBe(2);
    expect(printer.problems).toEqual([]);
    expect(JSON.parse(printer.results.join('\n'))).toEqual({
      tofu: { version: '1.12.6', pinned: true },
      stacks: [
        {
          stack: 'attic',
          verdict: 'invalid',
          remarks: [
            {
              severity: 'error',
              at: 'resource.x.y',
              text: 'Unsupported argument: No argument is named wrong.',
            },
          ],
          ownBuilds: [],
        },
        { stack: 'far', verdict: 'not run', because: `Could not resolve provider ${PLACES}` },
      ],
    });
  });

  test('takes another tofu of PATH, and says which', async () => {
    synthesized({ attic: 'good' });
    machine.install('tofu', tofu('1.12.9'));
    expect(await run(['--json'])).toBe(0);
    expect(JSON.parse(printer.results.join('\n')).tofu).toEqual({
      version: '1.12.9',
      pinned: false,
    });
  });

  test('fails where tofu is missing, nothing is synthesized, or no stack has that name', async () => {
    await expect(run([])).rejects.toMatchObject({
      exitCode: 1,
      message: `nothing is synthesized in ${outdir}\n    run just synth`,
    });
    synthesized({ attic: 'good', 'arc-runners': 'good' });
    await expect(run(['atic'])).rejects.toMatchObject({
      exitCode: 64,
      message: `there is no stack atic in ${outdir}: did you mean attic?\n    there are arc-runners, attic`,
    });
    machine.install('tofu', '#!/bin/sh\nexit 1\n');
    await expect(run([])).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /^tofu 1\.12\.6 is not built, and .*\n {4}run just tools tofu, enter the dev shell \(nix develop\), or see https:/,
      ),
    });
  });
});
