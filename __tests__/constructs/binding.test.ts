import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  TerraformElement,
  type TerraformMetaArguments,
  type TerraformResource,
  TerraformStack,
} from 'cdktf';
import type { Construct } from 'constructs';
import { afterAll, describe, expect, test } from 'vitest';
import { escapeTemplate, Resource } from '../../constructs/binding.ts';
import { CONFIG_MAP } from '../../constructs/kubernetes.ts';
import { defineStacks } from '../../stacks/all-stacks.ts';
import { Settler } from '../../stacks/fragments.ts';
import { EXAMPLES } from '../support/examples.ts';
import { exampleContext } from '../support/synthesized.ts';

type BindingClass = new (
  scope: Construct,
  id: string,
  config: TerraformMetaArguments,
) => TerraformResource;

const outdir = mkdtempSync(join(tmpdir(), 'flywheel-binding-'));
afterAll(() => rmSync(outdir, { recursive: true }));

/** `kubernetes_deployment_v1` is the class `DeploymentV1` in `lib/deployment-v1` of the Kubernetes bindings. */
async function bindingClass(type: string): Promise<BindingClass> {
  const [provider = '', ...words] = type.split('_');
  const folder = words.join('-');
  const className = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
  const module = await import(`@cdktf/provider-${provider}/lib/${folder}/index.js`);
  return module[className];
}

function resourcesOfExamples(): Map<string, Resource<TerraformMetaArguments>[]> {
  const byType = new Map<string, Resource<TerraformMetaArguments>[]>();
  for (const example of EXAMPLES) {
    const app = new App({ outdir });
    const stacks = defineStacks(app, exampleContext(example));
    for (const resource of stacks.flatMap((stack) => stack.node.findAll())) {
      if (!(resource instanceof Resource)) continue;
      const sameType = byType.get(resource.terraformResourceType) ?? [];
      byType.set(resource.terraformResourceType, [...sameType, resource]);
    }
  }
  return byType;
}

/** The attributes of a resource, without what its place in the tree adds. */
function attributes(element: TerraformResource): unknown {
  const fragment = new Settler(element).settle(element.toTerraform());
  const [body] = Object.values(
    Object.values(fragment.resource as object)[0] as Record<string, object>,
  );
  const {
    '//': _metadata,
    depends_on: _dependsOn,
    lifecycle: _lifecycle,
    provider: _provider,
    ...rest
  } = body as Record<string, unknown>;
  return rest;
}

/** What the real class would be given: text with templates escaped, as ours does it by itself. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return escapeTemplate(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (
    typeof value !== 'object' ||
    value === null ||
    Object.getPrototypeOf(value) !== Object.prototype
  )
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}

describe('Resource emits what the prebuilt binding would emit', () => {
  const byType = resourcesOfExamples();

  test.each([...byType.keys()].sort())('%s', async (type) => {
    const RealClass = await bindingClass(type);
    for (const ours of byType.get(type) ?? []) {
      const {
        dependsOn: _dependsOn,
        lifecycle: _lifecycle,
        provider: _provider,
        ...config
      } = ours.config;
      const stack = new TerraformStack(new App({ outdir }), 'comparison');
      const real = new RealClass(stack, 'resource', escaped(config) as TerraformMetaArguments);
      expect(attributes(ours), ours.node.path).toEqual(attributes(real));
    }
  });
});

describe('Resource', () => {
  const define = (data: Record<string, string>) => {
    const stack = new TerraformStack(new App({ outdir }), 'stack');
    return new Resource(stack, 'scripts', CONFIG_MAP, { metadata: { name: 'scripts' }, data });
  };

  test('keeps a script of the shell from becoming a template of OpenTofu', () => {
    expect(attributes(define({ run: 'echo "${HOME}" %{x} $${y}' }))).toMatchObject({
      data: { run: 'echo "$${HOME}" %%{x} $$${y}' },
    });
  });

  test('leaves the keys of maps as they are written', () => {
    expect(attributes(define({ 'server.toml': 'a', camelCase: 'b' }))).toMatchObject({
      data: { 'server.toml': 'a', camelCase: 'b' },
    });
  });

  test('can be overridden where a prop is missing', () => {
    const resource = define({ run: 'true' });
    resource.addOverride('immutable', true);
    expect(attributes(resource)).toMatchObject({ immutable: true, data: { run: 'true' } });
  });

  describe('waits for others', () => {
    const dependsOn = (resource: TerraformResource) =>
      new Settler(resource).settle({ list: resource.terraformMetaArguments.dependsOn }).list;

    function pair() {
      const first = define({});
      const second = new Resource(TerraformStack.of(first), 'second', CONFIG_MAP, {
        metadata: { name: 'second' },
        dependsOn: [first],
      });
      return { first, second };
    }

    test('by their addresses', () => {
      const { second } = pair();
      expect(dependsOn(second)).toEqual(['kubernetes_config_map_v1.scripts']);
      expect(second.terraformMetaArguments.dependsOn).toEqual(['kubernetes_config_map_v1.scripts']);
    });

    test('under a name that is given to them later', () => {
      const { first, second } = pair();
      first.overrideLogicalId('renamed');
      expect(dependsOn(second)).toEqual(['kubernetes_config_map_v1.renamed']);
    });

    test('that are added later, as in any resource', () => {
      const { first, second } = pair();
      const third = new Resource(TerraformStack.of(first), 'third', CONFIG_MAP, {
        metadata: { name: 'third' },
      });
      second.dependsOn?.push(third.fqn);
      expect(dependsOn(second)).toEqual([
        'kubernetes_config_map_v1.scripts',
        '${kubernetes_config_map_v1.third}',
      ]);
    });
  });

  test('is an ordinary element of the tree', () => {
    expect(TerraformElement.isTerraformElement(define({}))).toBe(true);
  });
});
