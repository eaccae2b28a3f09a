import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lock } from '../../operations/lock/command.ts';
import { installProviders } from '../../operations/providers/install-providers.ts';
import { PLATFORM } from '../../operations/providers/local-packages.ts';
import { parseLock } from '../../operations/providers/lock-file.ts';
import { requiredProviders } from '../../operations/providers/required-providers.ts';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { thisCheckout } from '../../operations/tools/place.ts';
import { RecordingPrinter } from '../operations/tools/recording-printer.ts';
import { needsProgram } from './needs.ts';
import { ProviderRegistry } from './provider-registry.ts';

const NAME = 'kubernetes';
const VERSION = '2.38.0';
const JSON_OF_STACK = {
  terraform: { required_providers: { [NAME]: { source: NAME, version: VERSION } } },
};

describe('the committed lock', () => {
  let folder: string;
  let file: string;
  let registry: ProviderRegistry;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async (context) => {
    await needsProgram(context, 'tofu');
    folder = mkdtempSync(join(tmpdir(), 'flywheel-lock-'));
    file = join(folder, 'locks', 'providers.lock.hcl');
    registry = await ProviderRegistry.start(NAME, VERSION);
    const configuration = join(folder, 'tofurc');
    writeFileSync(configuration, registry.configuration);
    mkdirSync(join(folder, 'out', 'stacks', 'one'), { recursive: true });
    const stack = join(folder, 'out', 'stacks', 'one', STACK_FILE);
    writeFileSync(stack, JSON.stringify(JSON_OF_STACK));
    // Without the providers of this machine, so that the registry is what is asked.
    environment = {
      ...process.env,
      HOME: folder,
      XDG_DATA_HOME: folder,
      CDKTF_OUTDIR: join(folder, 'out'),
      TF_CLI_CONFIG_FILE: configuration,
    };
  });
  afterEach(async () => {
    await registry?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function renew() {
    const printer = new RecordingPrinter();
    const code = await lock([], { printer, file, place: thisCheckout(environment) });
    return { code, results: printer.results };
  }

  async function install(tofu: string) {
    const scratch = mkdtempSync(join(folder, 'stack-'));
    writeFileSync(join(scratch, STACK_FILE), JSON.stringify(JSON_OF_STACK));
    const required = requiredProviders(JSON_OF_STACK);
    return await installProviders({
      tofu,
      folder: scratch,
      required,
      environment: tofuEnvironment(environment),
      lock: file,
    });
  }

  test('is renewed from the registry for every platform, and then stays as it is', async () => {
    const first = await renew();
    const address = `registry.opentofu.org/hashicorp/${NAME}`;
    expect(first).toEqual({ code: 0, results: [`${address} ${VERSION}: 7 hashes, new`] });
    const text = readFileSync(file, 'utf8');
    const [locked] = parseLock(text);
    expect(locked).toMatchObject({ address, version: VERSION, constraints: VERSION });
    expect(locked?.hashes.filter((hash) => hash.startsWith('h1:'))).toHaveLength(3);
    expect(locked?.hashes.filter((hash) => hash.startsWith('zh:'))).toHaveLength(4);
    expect(await renew()).toEqual({
      code: 0,
      results: [`${address} ${VERSION}: 7 hashes, as before`],
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('admits what was released, and nothing else under the same version', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    await renew();
    const text = readFileSync(file, 'utf8');
    expect(await install(tofu)).toEqual({ status: 'installed', ownBuilds: [] });
    registry.content = 'replaced';
    expect(await install(tofu)).toMatchObject({
      status: 'missing',
      because: expect.stringContaining('checksum'),
    });
    await expect(renew()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /^the registry gives other packages of \S+kubernetes 2\.38\.0 than those that are locked: zh:/,
      ),
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('says what to do where it does not know a provider', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    expect(await install(tofu)).toEqual({
      status: 'missing',
      because: `the committed lock does not know ${NAME} ${VERSION}: run just lock where the registry answers`,
    });
  });

  test('stays as it was where the registry does not answer', async () => {
    await renew();
    const text = readFileSync(file, 'utf8');
    await registry.stop();
    await expect(renew()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(
        /^the registry did not give what the lock needs: .*connection refused.*\n {4}\S+ stays as it was/s,
      ),
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('lets a build of this machine pass, and says that it is one', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    await renew();
    const place = join(folder, '.terraform.d', 'plugins', 'registry.opentofu.org', 'hashicorp');
    const built = join(place, NAME, VERSION, PLATFORM);
    mkdirSync(built, { recursive: true });
    writeFileSync(join(built, `terraform-provider-${NAME}_v${VERSION}`), 'mine', { mode: 0o755 });
    expect(await install(tofu)).toEqual({ status: 'installed', ownBuilds: [NAME] });
  });
});
