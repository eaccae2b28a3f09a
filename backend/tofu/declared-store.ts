import type { Settings } from '../../config/settings.ts';
import { Failure } from '../../console/failure.ts';
import { at } from '../../policy/model/json.ts';
import type { StackState } from '../stack-state.ts';

/**
 * Makes sure that a synthesized stack has its state where the settings say, locked: a stack of other settings, or one that was
 * edited by hand, would be applied against another state.
 *
 * @throws Failure that names every difference
 */
export function requireDeclaredStore(json: unknown, state: StackState, settings: Settings): void {
  const declared: Readonly<Record<string, unknown>> = {
    bucket: state.bucket,
    key: state.key,
    region: settings.state.region,
    use_path_style: settings.state.pathStyle,
    use_lockfile: true,
  };
  const backend = at(json, 'terraform', 'backend', 's3');
  const strange = Object.entries(declared).filter(([name, value]) => at(backend, name) !== value);
  // CDKTF leaves out what is false.
  const different = strange.filter(
    ([name, value]) => value !== false || at(backend, name) !== undefined,
  );
  if (different.length === 0) return;
  const lines = different.map(
    ([name, value]) =>
      `    ${name} is ${JSON.stringify(at(backend, name)) ?? 'missing'}, and the settings say ${JSON.stringify(value)}`,
  );
  throw new Failure(
    [`${state.stack} is not synthesized from these settings:`, ...lines, '    run just synth'].join(
      '\n',
    ),
  );
}
