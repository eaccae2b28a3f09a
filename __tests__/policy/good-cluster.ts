import type { PolicyInput } from '../../policy/policy-input.ts';
import { Quantity } from '../../values/quantity.ts';
import { github } from './good/github.ts';
import { gitlab } from './good/gitlab.ts';
import type { Json } from './good/parts.ts';
import { services } from './good/services.ts';

/** An input whose stacks can be reached by name, to change them. */
export interface Draft extends PolicyInput {
  readonly stacks: { readonly name: string; readonly json: Json }[];
  readonly previous: { readonly name: string; readonly json: Json }[];
  declared: { nodes: Json[]; requireDigests: boolean };
  /** The JSON of a stack. */
  stack(name: StackName): Json;
  /** The values of a release of another's chart, to be changed; they are written back by {@link Draft.finished}. */
  values(release: string): Json;
  /** The objects of a release of our chart of manifests, to be changed in the same way. */
  objects(release: string): Json[];
  finished(): PolicyInput;
}

type StackName = 'github' | 'gitlab' | 'services';

/** A small system in three stacks with which no rule finds fault. Every example of a fault is one change of it. */
export function goodCluster(): Draft {
  const stacks = copy([
    { name: 'services', json: services() },
    { name: 'gitlab', json: gitlab() },
    { name: 'github', json: github() },
  ]);
  const unpacked = new Map<string, Json>();
  const releases = () =>
    stacks.flatMap(({ json }) => Object.entries<Json>(json.resource.helm_release));
  const unpack = (id: string): Json => {
    const release = releases().find(([key]) => key === id);
    if (release === undefined) throw new Error(`there is no release ${id}`);
    const values = unpacked.get(id) ?? JSON.parse(release[1].values[0]);
    unpacked.set(id, values);
    return values;
  };
  return {
    stacks,
    previous: copy(stacks),
    declared: {
      requireDigests: true,
      nodes: [
        {
          name: 'node1',
          allocatable: {
            cpu: Quantity.parse('cpu', 16),
            memory: Quantity.parse('memory', '64Gi'),
            pods: 110,
          },
        },
      ],
    },
    stack(name) {
      return stacks.find((stack) => stack.name === name)?.json;
    },
    values: unpack,
    objects: (id) => unpack(id).objects,
    finished() {
      for (const [id, release] of releases()) {
        const values = unpacked.get(id);
        if (values !== undefined) release.values = [JSON.stringify(values)];
      }
      return this;
    },
  };
}

/** A copy in which nothing is shared, so that a change of one container changes no other. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
