import type { TerraformMetaArguments } from 'cdktf';
import { escapeTemplate, Resource } from '../constructs/binding.ts';
import type { FlywheelStack } from '../stacks/flywheel-stack.ts';

/** One resource of a stack, as plain data that another program can build it from. */
export interface ListedResource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly config: object;
  readonly dependsOn: readonly string[];
}

/** Every resource of the stacks, so that the peer is given exactly the same ones. */
export function listResources(stacks: readonly FlywheelStack[]): ListedResource[] {
  return stacks.flatMap((stack) =>
    stack.node.findAll().flatMap((element) => {
      if (!(element instanceof Resource)) return [];
      const {
        dependsOn,
        lifecycle,
        provider: _provider,
        ...config
      } = element.config as TerraformMetaArguments;
      return [
        {
          stack: stack.node.id,
          id: element.friendlyUniqueId,
          type: element.terraformResourceType,
          config: escaped({
            ...config,
            ...(lifecycle === undefined ? {} : { lifecycle }),
          }) as object,
          dependsOn: (dependsOn ?? []).map(addressOf),
        },
      ];
    }),
  );
}

function addressOf(dependable: unknown): string {
  return dependable instanceof Resource
    ? `${dependable.terraformResourceType}.${dependable.friendlyUniqueId}`
    : String(dependable);
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return escapeTemplate(value);
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}
