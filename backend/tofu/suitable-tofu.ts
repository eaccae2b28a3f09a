import { EXIT } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import { cliConfiguration } from '../../operations/providers/local-packages.ts';
import { type FoundTofu, findTofu } from '../../operations/tofu/find-tofu.ts';
import { type Place, thisCheckout } from '../../operations/tools/place.ts';
import { asText, at } from '../../policy/model/json.ts';

const BOUND = /^(>=|>|<=|<|=|!=)?\s*v?(\d+)\.(\d+)(?:\.(\d+))?$/;

type Version = readonly [number, number, number];

const HOLDS: Readonly<Record<string, (order: number) => boolean>> = {
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '<': (order) => order < 0,
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
};

/**
 * Finds a tofu that the stack allows.
 *
 * @param json the stack, whose `required_version` counts
 * @throws Failure where there is none, where it is another version, or where its configuration would replace a provider
 */
export async function suitableTofu(
  json: unknown,
  environment: NodeJS.ProcessEnv,
  place: Place = thisCheckout(environment),
): Promise<FoundTofu> {
  const found = await findTofu(place);
  const required = asText(at(json, 'terraform', 'required_version')) ?? '';
  if (!allows(required, found.version)) {
    throw new Failure(
      `${found.path} is tofu ${found.version}, and the stacks need ${required}\n    run just tools tofu, or enter the dev shell (nix develop)`,
    );
  }
  if (/^\s*dev_overrides\s*\{/m.test(cliConfiguration(environment))) {
    throw new Failure(
      'the configuration of tofu has dev_overrides: providers would be others than those that are locked\n    remove them, or name another file with TF_CLI_CONFIG_FILE',
      EXIT.usage,
    );
  }
  return found;
}

/** True when a version is within all bounds; a bound that cannot be read is left to tofu, which refuses as well. */
export function allows(required: string, version: string): boolean {
  const have = parts(version);
  return required
    .split(',')
    .map((bound) => BOUND.exec(bound.trim()))
    .every((bound) => {
      if (bound === null || have === undefined) return true;
      const [, sign = '=', major, minor, patch = '0'] = bound;
      return HOLDS[sign]?.(compare(have, [Number(major), Number(minor), Number(patch)])) ?? true;
    });
}

function parts(version: string): Version | undefined {
  const [, , major, minor, patch = '0'] = BOUND.exec(version.replace(/[-+].*$/, '')) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return [Number(major), Number(minor), Number(patch)];
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
