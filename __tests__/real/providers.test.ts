import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { STACK_FILE } from '../../operations/published-stacks.ts';
import { runTofu } from '../../operations/tofu/run-tofu.ts';
import { tofuEnvironment } from '../../operations/tofu/tofu-environment.ts';
import { validateStack } from '../../operations/validate/validate-stack.ts';
import { EXAMPLES } from '../support/examples.ts';
import type { Json } from '../support/synthesized.ts';
import { needsProgram, needsProviders } from './needs.ts';
import { type Schemas, schemaFindings } from './provider-schema.ts';
import { type SynthesizedExample, synthesizeExample } from './synthesized-example.ts';

const STACKS = ['arc-runners', 'attic', 'gitlab-runners', 'runner-dashboard'] as const;
const PAIRS = EXAMPLES.flatMap((example) => STACKS.map((stack) => [example, stack] as const));

let scratch: string;
const synthesized = new Map<string, SynthesizedExample>();
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'flywheel-providers-'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  for (const { outdir } of synthesized.values()) rmSync(outdir, { recursive: true, force: true });
});

function published(example: string, stack: string) {
  const made = synthesized.get(example) ?? synthesizeExample(example);
  synthesized.set(example, made);
  const found = made.stacks.find(({ name }) => name === stack);
  if (found === undefined) throw new Error(`${example} has no stack ${stack}`);
  return found;
}

/** What the providers of a stack describe, asked once for each set of them. */
const schemas = new Map<string, Schemas>();
async function schemasFor(context: TestContext, json: Json): Promise<Schemas> {
  const set = JSON.stringify(json.terraform.required_providers);
  const known = schemas.get(set);
  if (known !== undefined) return known;
  const { tofu, folder, environment } = await needsProviders(context, json);
  const args = ['providers', 'schema', '-json'];
  const { code, stdout, stderr } = await runTofu({ tofu, folder, args, environment });
  expect(code, stderr).toBe(0);
  const asked = JSON.parse(stdout.slice(stdout.search(/^\{/m))) as Schemas;
  schemas.set(set, asked);
  return asked;
}

describe.each(PAIRS)('the providers, asked about %s, stack %s,', (example, stack) => {
  test('find everything valid, and remark nothing', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    const validation = await validateStack(published(example, stack), {
      tofu,
      scratch: mkdtempSync(join(scratch, 'one-')),
      environment: tofuEnvironment(process.env),
    });
    if (validation.verdict === 'not run') context.skip(validation.because);
    expect(validation).toMatchObject({ verdict: 'valid', remarks: [] });
  });

  test('know every type, attribute and block, and advise against none', async (context) => {
    const { json } = published(example, stack);
    expect(schemaFindings(json, await schemasFor(context, json))).toEqual([]);
  });
});

describe('what the providers do not know', () => {
  /** The stack with the arguments of one config map and one release changed. */
  function changed(change: (configMap: Json, release: Json) => void): Json {
    const json = structuredClone(published('minimal', 'attic').json) as Json;
    const [configMap] = Object.values(json.resource.kubernetes_config_map_v1);
    const [release] = Object.values(json.resource.helm_release);
    change(configMap, release);
    return json;
  }

  test('is not valid, and the remark says where', async (context) => {
    const tofu = await needsProgram(context, 'tofu');
    const { folder } = published('minimal', 'attic');
    const json = changed((configMap) => Object.assign(configMap, { immutible: true }));
    const copy = mkdtempSync(join(scratch, 'changed-'));
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, STACK_FILE), JSON.stringify(json));
    const validation = await validateStack(
      { name: 'attic', folder: copy, json },
      {
        tofu,
        scratch: mkdtempSync(join(scratch, 'one-')),
        environment: tofuEnvironment(process.env),
      },
    );
    if (validation.verdict === 'not run') context.skip(validation.because);
    expect(validation).toMatchObject({
      verdict: 'invalid',
      remarks: [
        {
          severity: 'error',
          at: expect.stringMatching(/^resource\.kubernetes_config_map_v1\./),
          text: expect.stringContaining('No argument or block type is named "immutible"'),
        },
      ],
    });
  });

  test('is found in the descriptions: unknown, advised against, and not to be set', async (context) => {
    const json = changed((configMap, release) => {
      Object.assign(configMap, { immutible: true });
      Object.assign(configMap.metadata, { labbels: {}, uid: 'x' });
      release.set = [{ name: 'a', value: 'b', typo: 1 }];
    });
    json.resource.kubernetes_nothing = { one: {} };
    json.resource.kubernetes_pod_security_policy = { old: { metadata: {}, spec: {} } };
    const found = schemaFindings(json, await schemasFor(context, json));
    expect(found.map((finding) => finding.replace(/\.[\w-]+_[0-9A-F]{8}\./, '.*.')).sort()).toEqual(
      [
        'helm_release.*.set.typo: there is no such attribute or block',
        'kubernetes_config_map_v1.*.immutible: there is no such attribute or block',
        'kubernetes_config_map_v1.*.metadata.labbels: there is no such attribute or block',
        'kubernetes_config_map_v1.*.metadata.uid: is set by the provider alone',
        'kubernetes_nothing: there is no such type',
        'kubernetes_pod_security_policy: is deprecated',
      ],
    );
  });
});
