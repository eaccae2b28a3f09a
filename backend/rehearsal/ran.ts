import type { Settings } from '../../config/settings.ts';
import type { Verdict } from '../authority/verdict.ts';
import type { Finding } from '../finding.ts';
import type { Declaration } from '../gateway/gateway-options.ts';
import type { Clock } from '../lying-store/clock.ts';
import type { Account, Ledger } from './ledger.ts';
import type { Catcher } from './outcome.ts';
import type { Command } from './recorded-client.ts';
import type { RehearsedStore } from './rehearsed-store.ts';

/** What a deep check has to know of the settings. */
export type Proved = Pick<Settings, 'objectStore' | 'state'>;

/** Who is lied to: tofu by itself, or tofu behind guards and gateway. */
export type Who = 'flywheel' | 'stock';

/** How a run ended, whoever has run it. */
export interface Ran extends Account {
  readonly ended: 'hung' | 'stopped' | 'well';
  readonly by: Catcher;
  /** A finding, a check, or what tofu said; empty when it ended well. */
  readonly code: string;
  readonly exitCode: number | undefined;
  /** From its beginning, without the time that tofu needs for itself. */
  readonly ms: number;
  /** Somebody else had the lock, and it was told so. */
  readonly keptOut: boolean;
  /** What tofu itself says that it has done. @default - nothing */
  readonly says?: string;
  readonly findings: readonly Finding[];
  readonly verdict?: Verdict;
}

/** How a command is run. */
export interface RunHow {
  /** Unlike that of any other run. */
  readonly id: string;
  /** The store is proved first, as every recipe does that plans or applies. */
  readonly guarded: boolean;
  /** Happens between reading and writing. */
  readonly meanwhile?: () => Promise<void>;
}

/** Runs a command of tofu on a store that may lie. */
export type Runner = (command: Command, how: RunHow) => Promise<Ran>;

/** A store with a past, what is true of its state, and those who run commands on it. */
export interface Stage extends Readonly<Record<Who, Runner>> {
  readonly place: RehearsedStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Proves the store, and nothing else. */
  check(): Promise<Verdict>;
}

/** What every command is declared to do, as the recipes declare it. */
export const DECLARATIONS: Readonly<Record<Command, Declaration>> = {
  init: {},
  plan: {},
  apply: { writes: true },
  destroy: { writes: true, destroys: true },
};

/** The first check that speaks against a store, of those that weigh most. */
export function againstIn({ checks }: Verdict): string {
  const weights = ['bad', 'pending', 'unknown'] as const;
  const found = weights
    .map((weight) => checks.find(({ status }) => status === weight))
    .find((check) => check !== undefined);
  return found?.name ?? 'nothing was proved';
}
