import type { Settings } from '../../config/settings.ts';
import type { ExitCode } from '../../console/exit-code.ts';
import type { FoundTofu } from '../../operations/tofu/find-tofu.ts';
import type { TofuResult } from '../../operations/tofu/run-tofu.ts';
import type { Finding } from '../finding.ts';
import type { Declaration } from '../gateway/gateway-options.ts';
import type { GuardedTofu } from '../recovery/guarded-tofu.ts';
import type { RunNotes } from '../recovery/run-notes.ts';
import type { StackState } from '../stack-state.ts';
import type { StoreAccess } from '../store/store-access.ts';
import type { Store } from '../store/store-client.ts';
import type { StateWitness } from '../witness/open-witness.ts';
import type { Progress } from './progress.ts';

/** What a person sees of a run: a result may be for a program, and then only what goes wrong is told. */
export type Shown = 'all' | 'nothing' | 'problems';

/** How tofu is run on a stack. */
export interface StackRunHow {
  readonly declaration: Declaration;
  /** Tofu tells its events, as plan and apply can. @default false */
  readonly events?: boolean;
  /** What it makes is journalled; with events only. @default false */
  readonly journalled?: boolean;
  /** How much of what it says, and of what the store did, is shown. @default `all` */
  readonly shows?: Shown;
  /** Codes with which it ends well. @default [0] */
  readonly fine?: readonly number[];
  /** After so many milliseconds it is asked to end. @default 600000 */
  readonly deadlineMs?: number;
  /** What it reads; nothing without it. */
  readonly input?: 'inherit';
}

/** How a run of tofu on a stack ended. */
export interface StackRun extends TofuResult {
  readonly findings: readonly Finding[];
  /** What the run came to, with what the store did and what was left. */
  readonly exitCode: ExitCode;
}

/** One stack with everything that a run of tofu on it stands on. */
export interface StackSession {
  readonly state: StackState;
  readonly settings: Settings;
  readonly environment: NodeJS.ProcessEnv;
  /** The folder of the synthesized stack; absolute. */
  readonly folder: string;
  readonly json: unknown;
  /** SHA-256 of the file of the stack. */
  readonly jsonHash: string;
  /** How the declared store is reached; undefined for a state that was moved to this machine. */
  readonly access: StoreAccess | undefined;
  /** Where the state is now. */
  readonly store: Store;
  readonly witness: StateWitness;
  readonly by: string;
  /** What runs tell each other beyond their machines. */
  readonly runs: RunNotes;
  readonly tofu: FoundTofu;
  readonly progress: Progress;
  /** Where tofu keeps what it knows of the backend, and the providers; absolute. */
  readonly data: string;
  /** The value of `TF_ENCRYPTION`, for tofu alone. */
  readonly encryption: string | undefined;
  /** Other runs in this checkout may go on. */
  readonly shared: boolean;
  /**
   * Proves the store before anything is done.
   *
   * @throws Failure when it is not proved
   */
  guard(how: { readonly firstRun: boolean; readonly writes: boolean }): Promise<void>;
  /** Runs tofu behind a gateway of its own. */
  run(args: readonly string[], how: StackRunHow): Promise<StackRun>;
  /** The same for what needs what tofu says and no progress. */
  readonly guarded: GuardedTofu;
}
