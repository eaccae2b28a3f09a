import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../support/cluster-objects.ts';

/** A program that serves on loopback until it is stopped. */
export interface ServerProcess {
  /** What it has written so far. */
  readonly said: () => string;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<number | null>;
}

/** Starts a server, and waits until an address answers that it is well. */
export async function startServer(
  program: string,
  args: readonly string[],
  {
    health,
    environment = {},
  }: { readonly health: string; readonly environment?: NodeJS.ProcessEnv },
): Promise<ServerProcess> {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const server = { said: () => said, stop: () => stop(child) };
  try {
    await eventually(`an answer of ${health}`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${said}`);
      const answer = await fetch(health).catch(() => undefined);
      return answer?.ok === true ? true : undefined;
    });
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return child.exitCode;
}
