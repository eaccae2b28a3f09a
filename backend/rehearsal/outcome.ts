/** Who noticed a lie. */
export type Catcher = 'deep check' | 'gateway' | 'next run' | 'tofu';

/** What became of a lie that was told to a command. */
export type Outcome =
  | {
      readonly kind: 'caught';
      readonly by: Catcher;
      /** A finding, a check, or what tofu said. */
      readonly code: string;
      /** Undefined for what would not have ended. */
      readonly exitCode: number | undefined;
      /** From the beginning of the run, without the time that tofu needs for itself. */
      readonly seconds: number;
    }
  | { readonly kind: 'harmless'; readonly because: string }
  /** A wrong answer was believed, or what was acknowledged is lost, and nobody was told. */
  | { readonly kind: 'silent'; readonly wrong: string };

const TENTH_MS = 100;

/** Seconds with one digit behind the point. */
export function secondsOf(ms: number): number {
  return Math.round(ms / TENTH_MS) / 10;
}

/** An outcome as it stands in the data: one line. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'harmless':
      return `harmless: ${outcome.because}`;
    case 'silent':
      return `SILENT: ${outcome.wrong}`;
    case 'caught': {
      const { by, code, exitCode, seconds } = outcome;
      const ending = exitCode === undefined ? 'no end' : `exit ${exitCode}, ${seconds} s`;
      return `caught by ${by === 'tofu' ? 'tofu' : `the ${by}`}: ${code}, ${ending}`;
    }
  }
}
