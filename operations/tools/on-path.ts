import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

/** How long a program may take to say its version. */
const PATIENCE_MS = 5000;
const MAX_OUTPUT_BYTES = 65_536;

/** The program that a shell would start, or none. Folders that are relative are not looked into. */
export function findOnPath(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

/** True for a file that may be started. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** What a program answered when it was asked something short. */
export interface Answer {
  /** What it printed, on both streams. */
  readonly text: string;
  /** Why there is no answer. */
  readonly failure?: string;
}

/** Starts a program for a question, in a folder where nothing of ours can mislead it. */
export function ask(
  path: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  patienceMs: number = PATIENCE_MS,
): Promise<Answer> {
  const options = {
    cwd: tmpdir(),
    env: environment,
    timeout: patienceMs,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT_BYTES,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(path, [...args], options, (error, stdout, stderr) => {
      const text = `${stdout}\n${stderr}`;
      if (error === null) resolve({ text });
      else if (error.killed === true)
        resolve({ text, failure: `did not answer in ${patienceMs / 1000} s` });
      else resolve({ text, failure: `ended with ${error.code ?? error.signal}` });
    });
    child.stdin?.end();
  });
}
