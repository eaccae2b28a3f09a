/** Where OpenTofu reads the stacks unless the environment says otherwise. */
export const DEFAULT_OUTDIR = 'cdktf.out';

/** The folder of the synthesized stacks: what the environment names, as the CDKTF CLI does. Naming nothing names none. */
export function outdirOf(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.CDKTF_OUTDIR;
  return named === undefined || named === '' ? DEFAULT_OUTDIR : named;
}
