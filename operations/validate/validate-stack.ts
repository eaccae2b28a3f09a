import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installProviders } from '../providers/install-providers.ts';
import { requiredProviders } from '../providers/required-providers.ts';
import { type PublishedStack, STACK_FILE } from '../published-stacks.ts';
import { complaintOf, jsonIn, runTofu } from '../tofu/run-tofu.ts';

/** Something that tofu or a provider says about one place of a stack. */
export interface Remark {
  readonly severity: 'error' | 'warning';
  /** Where, such as `kubernetes_job_v1.attic_warm`; empty for the stack as a whole. */
  readonly at: string;
  readonly text: string;
}

/** What came of validating a stack. */
export type Validation = {
  readonly stack: string;
} & (
  | {
      readonly verdict: 'valid' | 'invalid';
      readonly remarks: readonly Remark[];
      /** Providers that were built on this machine instead of released. */
      readonly ownBuilds: readonly string[];
    }
  | { readonly verdict: 'not run'; readonly because: string }
);

/** What a stack is validated with. */
export interface ValidateOptions {
  readonly tofu: string;
  /** A folder that holds nothing of the stack yet. */
  readonly scratch: string;
  readonly environment: NodeJS.ProcessEnv;
  /** @default `locks/providers.lock.hcl` */
  readonly lock?: string;
}

/** Lets tofu and the providers judge a copy of a stack: what a real init has left beside the JSON is neither used nor touched. */
export async function validateStack(
  stack: PublishedStack,
  { tofu, scratch, environment, lock }: ValidateOptions,
): Promise<Validation> {
  const { name } = stack;
  const folder = copied(stack, scratch);
  const required = requiredProviders(stack.json);
  const installed = await installProviders({
    tofu,
    folder,
    required,
    environment,
    ...(lock ? { lock } : {}),
  });
  if (installed.status === 'missing') {
    return { stack: name, verdict: 'not run', because: installed.because };
  }
  const result = await runTofu({ tofu, folder, environment, args: ['validate', '-json'] });
  const report = jsonIn(result) as Report | undefined;
  if (report === undefined)
    return { stack: name, verdict: 'not run', because: complaintOf(result) };
  return {
    stack: name,
    verdict: report.valid ? 'valid' : 'invalid',
    remarks: report.diagnostics.map(remarkOf),
    ownBuilds: installed.ownBuilds,
  };
}

function copied({ folder, name }: PublishedStack, scratch: string): string {
  const copy = join(scratch, name);
  mkdirSync(copy);
  for (const part of [STACK_FILE, 'assets']) {
    if (existsSync(join(folder, part)))
      cpSync(join(folder, part), join(copy, part), { recursive: true });
  }
  return copy;
}

interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail?: string;
  readonly address?: string;
  readonly snippet?: { readonly context?: string | null };
}

interface Report {
  readonly valid: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

function remarkOf({ severity, summary, detail, address, snippet }: Diagnostic): Remark {
  const text = [summary, detail]
    .filter((part) => part)
    .join(': ')
    .replaceAll(/\s+/g, ' ');
  return { severity, at: address ?? snippet?.context ?? '', text };
}
