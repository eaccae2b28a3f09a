/** The shipped examples by name. */
export const EXAMPLES = ['minimal', 'single-node-r2', 'tinyland'] as const;

/** The settings file of an example. */
export function exampleFile(name: string): string {
  return `config/${name}.yaml`;
}
