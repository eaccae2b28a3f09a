import { parseArgs } from 'node:util';
import { atticForPeople } from '../config/addresses.ts';
import { readSettings, settingsFile } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { EXIT, type ExitCode } from '../console/exit-code.ts';
import type { Printer } from '../console/printer.ts';
import { ENDPOINT_PATTERN } from '../values/endpoint.ts';

/** How a developer's machine uses the caches. */
export interface Attachment {
  readonly atticServer: string;
  readonly atticCache: string;
  readonly substituter: string;
  /** As the environment gives it, empty otherwise: no address is promised, and none is looked for. */
  readonly bazelRemoteCache: string;
  readonly mode: 'cache-backed' | 'compatibility-local-only';
}

/** What the settings and the environment of the person say, and nothing that would have to be found out. */
export function attachmentOf(settings: Settings, environment: NodeJS.ProcessEnv): Attachment {
  const server = atticForPeople(settings);
  const { defaultCache } = settings.attic;
  const bazelRemoteCache = environment.BAZEL_REMOTE_CACHE ?? '';
  return {
    atticServer: String(server),
    atticCache: defaultCache,
    substituter: String(server.below(defaultCache)),
    bazelRemoteCache,
    mode: bazelRemoteCache === '' ? 'compatibility-local-only' : 'cache-backed',
  };
}

/**
 * Says how this machine uses the caches; with `--export` as lines for a shell.
 *
 * A machine without an address of the Bazel cache builds locally. That is a guardrail and no failure.
 */
export function info(
  args: readonly string[],
  printer: Printer,
  environment: NodeJS.ProcessEnv = process.env,
): ExitCode {
  const { values } = parseArgs({ args: [...args], options: { export: { type: 'boolean' } } });
  const file = settingsFile(environment);
  const attachment = attachmentOf(readSettings(file), environment);
  const lines = values.export === true ? exportLines(attachment) : infoLines(file, attachment);
  for (const line of lines) printer.result(line);
  return EXIT.good;
}

/** Only characters of an address and of a cache name, so that nothing has to be quoted for a shell. */
function exportLines({ atticServer, atticCache }: Attachment): string[] {
  return [`export ATTIC_SERVER=${atticServer}`, `export ATTIC_CACHE=${atticCache}`];
}

function infoLines(file: string, attachment: Attachment): string[] {
  const { atticServer, atticCache, substituter, bazelRemoteCache, mode } = attachment;
  const isAddress = ENDPOINT_PATTERN.test(bazelRemoteCache);
  return [
    `settings     ${file}`,
    `Attic        ${atticServer}, cache ${atticCache}`,
    `substituter  ${substituter}, when you trust its key`,
    `Bazel        ${mode}${isAddress ? `, ${bazelRemoteCache}` : ''}`,
  ];
}
