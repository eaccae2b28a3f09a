/** The layers of the real lane, in the order in which they run: each stands on those before it. */
const LAYERS = [
  'tools',
  'store',
  'tofu',
  'lying',
  'gateway',
  'driver',
  'recovery',
  'matrix',
  'authority',
  'providers',
  'cluster',
  'secrets',
  'stacks',
  'charts',
  'components',
];

/** The layer that a test file belongs to: the first word of its name. */
export function layerOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return name.split(/[-.]/)[0] ?? name;
}

/** Compares two test files by layer, and inside a layer by name. */
export function inOrder(one: string, other: string): number {
  return place(one) - place(other) || (one < other ? -1 : 1);
}

/** What is of no known layer comes last. */
function place(file: string): number {
  const index = LAYERS.indexOf(layerOf(file));
  return index < 0 ? LAYERS.length : index;
}
