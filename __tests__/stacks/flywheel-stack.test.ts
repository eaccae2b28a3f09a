import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Fn, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { afterAll, describe, expect, test } from 'vitest';
import { Resource } from '../../constructs/binding.ts';
import { CONFIG_MAP } from '../../constructs/kubernetes.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { FlywheelStack } from '../../stacks/flywheel-stack.ts';
import { EXAMPLES } from '../support/examples.ts';
import { exampleContext } from '../support/synthesized.ts';

const outdir = mkdtempSync(join(tmpdir(), 'flywheel-stack-'));
afterAll(() => rmSync(outdir, { recursive: true }));

const newApp = () => new App({ outdir });
const stackIn = (app: App, id = 'stack') =>
  new FlywheelStack(app, id, {
    bucket: 'state',
    key: `${id}/terraform.tfstate`,
    region: 'us-east-1',
    pathStyle: true,
  });
const configMap = (stack: FlywheelStack, id: string, data: Record<string, string>) =>
  new Resource(stack, id, CONFIG_MAP, { metadata: { name: id }, data });

/** What CDKTF itself makes of the stack. */
function plainCdktf(stack: FlywheelStack): unknown {
  return JSON.parse(JSON.stringify(TerraformStack.prototype.toTerraform.call(stack)));
}

describe('FlywheelStack renders what CDKTF renders', () => {
  test.each(EXAMPLES)('for the stacks of %s', (example) => {
    for (const stack of defineStacks(newApp(), exampleContext(example))) {
      expect(JSON.parse(JSON.stringify(stack.toTerraform())), stack.node.id).toEqual(
        plainCdktf(stack),
      );
    }
  });

  test('where values hold tokens: text, numbers, lists, keys and functions', () => {
    const stack = stackIn(newApp());
    const source = configMap(stack, 'source', { a: 'b' });
    const name = source.getStringAttribute('metadata[0].name');
    new TerraformOutput(stack, 'tokens', {
      value: {
        inText: `before ${name} after`,
        number: source.getNumberAttribute('data.count'),
        list: source.getListAttribute('data.list'),
        [name]: 'a key',
        function: Fn.upper(name),
        nothing: undefined,
        holes: ['a', undefined, 'b'],
        token: Token.asAny({ nested: name }),
      },
    });
    expect(JSON.parse(JSON.stringify(stack.toTerraform()))).toEqual(plainCdktf(stack));
  });

  test('where the stack itself is overridden', () => {
    const stack = stackIn(newApp());
    stack.addOverride('terraform.encryption', { state: { enforced: true } });
    stack.addOverride('locals.answer', 42);
    const rendered = stack.toTerraform();
    expect(rendered).toMatchObject({ locals: { answer: 42 } });
    expect(JSON.parse(JSON.stringify(rendered))).toEqual(plainCdktf(stack));
  });
});

describe('FlywheelStack', () => {
  test('keeps its state in S3 with a lock file and nothing private (S1, S3, S11)', () => {
    expect(stackIn(newApp()).toTerraform().terraform).toMatchObject({
      backend: {
        s3: {
          bucket: 'state',
          key: 'stack/terraform.tfstate',
          region: 'us-east-1',
          use_lockfile: true,
          use_path_style: true,
          skip_credentials_validation: true,
          skip_metadata_api_check: true,
          skip_region_validation: true,
          skip_requesting_account_id: true,
        },
      },
      required_version: '>= 1.12.0, < 2.0.0',
      required_providers: {
        kubernetes: { source: 'kubernetes', version: '2.38.0' },
        helm: { source: 'helm', version: '3.1.1' },
      },
    });
  });

  test('configures its providers by the environment alone', () => {
    expect(stackIn(newApp()).toTerraform().provider).toEqual({ kubernetes: [{}], helm: [{}] });
  });

  test('rejects a value of another stack', () => {
    const app = newApp();
    const producer = stackIn(app, 'producer');
    const consumer = stackIn(app, 'consumer');
    const token = configMap(producer, 'names', { a: 'b' }).getStringAttribute('id');
    configMap(consumer, 'copy', { a: token });
    expect(() => consumer.toTerraform()).toThrow(
      'producer: kubernetes_config_map_v1.names.id is used by another stack; share its name through the settings',
    );
  });
});
