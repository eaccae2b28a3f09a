/** Settings of tofu that say where providers come from. All others would change what a command means. */
const KEPT = new Set([
  'TF_CLI_CONFIG_FILE',
  'TF_PLUGIN_CACHE_DIR',
  'TF_PROVIDER_DOWNLOAD_RETRY',
  'TF_REGISTRY_CLIENT_TIMEOUT',
  'TF_REGISTRY_DISCOVERY_RETRY',
]);

/**
 * The environment of a tofu that only reads: without arguments, variables, workspaces and folders that a shell has left there
 * (`TF_CLI_ARGS` may hold `-lock=false`), and without the credentials of any store.
 */
export function tofuEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment).filter(
    ([name]) => KEPT.has(name) || !/^(TF_|TOFU_|AWS_)/.test(name),
  );
  return {
    ...Object.fromEntries(entries),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
  };
}
