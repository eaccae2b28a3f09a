import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 15_000;
const POLL_MS = 50;

/** Asks until there is an answer, and fails with what was waited for when none comes. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${patienceMs / 1000} s in vain for ${what}`);
    await pause(POLL_MS);
  }
}

/** A pod of one container. Its image is at an address that does not exist: nothing is ever pulled. */
export function podSpec(container: object) {
  return { containers: [{ name: 'main', image: 'example.invalid/app:1', ...container }] };
}

/** A Deployment of one pod with the label `app`. */
export function deployment(name: string, spec: object, labels: Record<string, string> = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name, ...labels } }, spec },
    },
  };
}

/** A Service that sends port 80 to a port of the pods by name. */
export function service(name: string, targetPort: string) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort }] },
  };
}
