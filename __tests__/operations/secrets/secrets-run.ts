import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { ensureSecrets, type SecretsRun } from '../../../operations/secrets/ensure.ts';
import { fromDocument } from '../../../operations/secrets/given.ts';
import { printSecrets, reportOf, verdictOfPlans } from '../../../operations/secrets/report.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { exampleContext, type Json, synthesizeStacks } from '../../support/synthesized.ts';

/** A folder of the file that runs now. */
export let folder: string;
/** The API server of the test that runs now. */
export let server: TestApiServer;

/** Gives every test of the calling file an API server of its own. */
export function useApiServer(): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flywheel-secrets-'));
  });
  beforeEach(async () => {
    server = await startApiServer();
  });
  afterEach(() => server.close());
  afterAll(() => rmSync(folder, { recursive: true }));
}

const TINYLAND = exampleContext('tinyland');
const SYNTHESIZED = jsonOf(TINYLAND);
export const GLRT = (letter: string) => `glrt-${letter.repeat(24)}`;
export const PEM = String(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    format: 'pem',
    type: 'pkcs1',
  }),
);
export const APP = {
  github_app_id: '123',
  github_app_installation_id: '456',
  github_app_private_key: PEM,
};

export function jsonOf(context: ReturnType<typeof exampleContext>) {
  return Object.entries(synthesizeStacks(context)).map(([name, text]) => ({
    name,
    json: JSON.parse(text),
  }));
}

export function stacksOf(stack: string, all = SYNTHESIZED): SecretsRun['stacks'] {
  const asked = all.find(({ name }) => name === stack);
  if (asked === undefined) throw new Error(`no ${stack}`);
  return { asked, all };
}

/** Tells values apart as the real fingerprint does, and costs nothing: hundreds of values are made here. */
async function mark(value: string): Promise<string> {
  return createHash('sha256').update(value).digest('hex').slice(0, 12);
}

interface Told {
  readonly code: number;
  readonly results: string;
  readonly problems: string;
  readonly states: Record<string, string>;
}

/** Runs as the command does, and keeps everything that it says. */
export async function run(
  stack: string,
  change: Partial<SecretsRun> & { given?: SecretsRun['given'] } = {},
) {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, server.kubeconfig('honey'));
  const { plans, written } = await ensureSecrets({
    client: new HttpsClient(findCluster({ KUBE_CONFIG_PATH: file })),
    settings: TINYLAND.settings,
    stacks: stacksOf(stack),
    given: () => [],
    prompt: undefined,
    rotation: undefined,
    ...change,
  });
  const secrets = await reportOf({ stack, plans, written, mark });
  const results: string[] = [];
  const problems: string[] = [];
  printSecrets(secrets, {
    result: (line) => void results.push(line),
    problem: (line) => void problems.push(line),
  });
  return {
    code: verdictOfPlans(plans),
    results: results.join('\n'),
    problems: problems.join('\n'),
    states: Object.fromEntries(
      secrets.flatMap(({ secret, keys }) =>
        keys.map(({ key, state }) => [`${secret} ${key}`, state]),
      ),
    ),
  } satisfies Told;
}

export function document(content: Record<string, Record<string, string>>): SecretsRun['given'] {
  return fromDocument(JSON.stringify(content));
}

export function live(namespace: string, name: string): Json {
  return server.state.objects.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
}

export function heldIn(namespace: string, name: string, key: string): string {
  return Buffer.from(live(namespace, name)?.data[key] ?? '', 'base64').toString();
}

export function put(
  namespace: string,
  name: string,
  values: Record<string, string>,
  more: Json = {},
): void {
  server.state.objects.set(`/api/v1/namespaces/${namespace}`, { metadata: { name: namespace } });
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  server.state.objects.set(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
    ...more,
    metadata: { name, namespace, resourceVersion: '7', ...more.metadata },
    data,
  });
}

export function writes(): string[] {
  return server.requests.filter((line) => !line.startsWith('GET '));
}
