/** Who a set of objects belongs to, in the recommended labels of Kubernetes. */
export interface LabelOptions {
  /** The program, such as `attic`. */
  readonly name: string;
  /** This installation of it, unique in the namespace. */
  readonly instance: string;
  /** The part it plays, such as `api` or `gc`. */
  readonly component: string;
  /** The larger whole, such as `nix-cache`. */
  readonly partOf: string;
}

const PREFIX = 'app.kubernetes.io';

/** The labels that every object of a component carries. */
export function componentLabels(options: LabelOptions): Record<string, string> {
  return {
    ...selectorLabels(options),
    [`${PREFIX}/component`]: options.component,
    [`${PREFIX}/managed-by`]: 'opentofu',
    [`${PREFIX}/part-of`]: options.partOf,
  };
}

/** The two labels that choose the pods of a component; they never change once it is deployed. */
export function selectorLabels(
  options: Pick<LabelOptions, 'name' | 'instance'>,
): Record<string, string> {
  return { [`${PREFIX}/instance`]: options.instance, [`${PREFIX}/name`]: options.name };
}
