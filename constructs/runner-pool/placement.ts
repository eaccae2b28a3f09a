import { InvalidValue } from '../../values/invalid-value.ts';

/** A taint that jobs tolerate; without a value, any value. */
export interface Toleration {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** On which nodes the jobs of a pool run. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

/** Tolerations as a pod has them. */
export function podTolerations({ tolerations }: Placement) {
  return tolerations.map(({ key, value, effect }) =>
    value === '' ? { key, operator: 'Exists', effect } : { key, operator: 'Equal', value, effect },
  );
}

/**
 * Tolerations as GitLab Runner reads them: effects by `key` or `key=value`.
 *
 * @throws InvalidValue for one taint with two effects, which such a map cannot hold.
 */
export function tolerationMap({ tolerations }: Placement): Record<string, string> {
  const effects = new Map<string, string>();
  for (const { key, value, effect } of tolerations) {
    const taint = value === '' ? key : `${key}=${value}`;
    if (effects.has(taint)) {
      throw new InvalidValue(
        taint,
        'be tolerated with one effect',
        'GitLab Runner keeps one effect for each taint; remove the other',
      );
    }
    effects.set(taint, effect);
  }
  return Object.fromEntries(effects);
}
