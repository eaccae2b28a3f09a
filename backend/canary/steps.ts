import type { Settings } from '../../config/settings.ts';
import { EXIT, type ExitCode } from '../../console/exit-code.ts';
import { Failure } from '../../console/failure.ts';
import type { Printer } from '../../console/printer.ts';
import { narIntegrity } from '../../operations/nar-integrity/command.ts';
import { inventory } from '../rustfs/inventory-command.ts';
import { rca } from '../rustfs/rca-command.ts';
import { haReadiness } from '../rustfs/readiness-command.ts';

/** What a step is asked with. */
export interface CanaryAsked {
  readonly settings: Pick<Settings, 'objectStore'>;
  /** Store paths of Attic whose bodies are read. */
  readonly storeHashes: readonly string[];
  readonly printer: Printer;
  readonly environment: NodeJS.ProcessEnv;
}

/** One look at the store of the states, or at what lies beside them. */
export interface CanaryStep {
  /** Names its log. */
  readonly name: string;
  readonly run: (asked: CanaryAsked) => ExitCode | Promise<ExitCode>;
}

/**
 * What is looked at, in this order: the least first, and the only step that writes late. Each runs whatever the others found,
 * since the evidence of one failure explains the next.
 */
export const CANARY_STEPS: readonly CanaryStep[] = [
  {
    name: 'ha-readiness',
    run: ({ printer, environment }) => haReadiness(['--expect-interim'], printer, environment),
  },
  {
    name: 'attic-bucket',
    run: ({ settings, printer, environment }) =>
      rca(['--bucket', settings.objectStore.buckets.attic], printer, environment),
  },
  { name: 'attic-nar', run: readNars },
  {
    name: 'scratch-bucket',
    run: ({ printer, environment }) =>
      rca(['--scratch-probe', '--strict-scratch-disk-markers'], printer, environment),
  },
  {
    name: 'ha-candidates',
    run: ({ printer, environment }) => inventory([], printer, environment),
  },
];

async function readNars({ storeHashes, printer, environment }: CanaryAsked): Promise<ExitCode> {
  if (storeHashes.length === 0) {
    throw new Failure(
      'no body of the cache was read: no store path is named\n    add --store-hash, or set FLYWHEEL_CANARY_STORE_HASHES',
      EXIT.unknown,
    );
  }
  const args = storeHashes.flatMap((hash) => ['--store-hash', hash]);
  return await narIntegrity(args, printer, environment);
}
