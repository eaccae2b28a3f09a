import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { serve } from '../../support/http-server.ts';
import { type Json, named, resourcesOf, synthesizeConstruct } from '../../support/synthesized.ts';
import { homeIn } from './pool-fixtures.ts';

const SCRIPT = 'constructs/runner-pool/cleanup/remove-stuck-pods.mjs';
const TOKEN = 'the-token-of-the-account';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-cleanup-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${TOKEN}\n`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** A pod as the API shows it. */
function pod(name: string, phase: string, more: Json = {}): Json {
  const { metadata = {}, spec = { nodeName: 'node1' }, ...status } = more;
  return {
    metadata: { name, uid: `uid-${name}`, creationTimestamp: ago(90_000), ...metadata },
    spec,
    status: { phase, ...status },
  };
}

const ended = (seconds: number) => ({
  containerStatuses: [{ state: { terminated: { finishedAt: ago(seconds) } } }],
});

interface Api {
  readonly pods: readonly Json[];
  /** Answers to DELETE by pod, where they are not 200. */
  readonly refusals?: Readonly<Record<string, number>>;
  readonly pageSize?: number;
  readonly listStatus?: number;
}

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly removed: { readonly name: string; readonly body: Json }[];
  readonly requests: readonly string[];
  readonly authorizations: readonly (string | undefined)[];
}

/** Runs the script against a server on loopback that behaves like the API of pods. */
async function run(api: Api, environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const removed: Run['removed'][number][] = [];
  const server = await serve((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
    if (request.method === 'GET')
      return answer(response, api.listStatus ?? 200, page(api, searchParams));
    const name = pathname.split('/').at(-1) ?? '';
    removed.push({ name, body: JSON.parse(body) });
    return answer(response, api.refusals?.[name] ?? 200, {});
  });
  try {
    const result = await execute({
      NAMESPACE: 'jobs',
      SELECTOR: 'flywheel/role=job',
      STUCK_SEC: '300',
      SUCCEEDED_SEC: '600',
      FAILED_SEC: '1800',
      PENDING_SEC: '1800',
      API_SERVER: `http://${server.authority}`,
      TOKEN_FILE: tokenFile,
      ...environment,
    });
    const authorizations = server.headers.map(({ authorization }) => authorization);
    return { ...result, removed, requests: server.requests, authorizations };
  } finally {
    await server.close();
  }
}

function page({ pods, pageSize = 500 }: Api, query: URLSearchParams): Json {
  const from = Number(query.get('continue') ?? '0');
  const to = from + pageSize;
  const metadata = to < pods.length ? { continue: String(to) } : {};
  return { metadata, items: pods.slice(from, to) };
}

function answer(response: ServerResponse, status: number, body: Json): void {
  const content = status < 300 ? body : { message: `answered with ${status}` };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

function execute(
  environment: Readonly<Record<string, string>>,
): Promise<Pick<Run, 'code' | 'output'>> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [SCRIPT], { env: { ...environment } });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('close', (code) => done({ code, output }));
  });
}

const namesOf = ({ removed }: Run) => removed.map(({ name }) => name);

describe.concurrent('the cleanup of pods', () => {
  test('removes by force what is still there after its grace, and leaves the rest (W-B16)', async () => {
    const terminating = (seconds: number) => ({ metadata: { deletionTimestamp: ago(seconds) } });
    const result = await run({
      pods: [
        pod('stuck', 'Running', terminating(400)),
        pod('ending', 'Running', terminating(200)),
        pod('in-grace', 'Running', terminating(-100)),
        pod('running', 'Running'),
        pod('pending', 'Pending'),
      ],
    });
    expect(result.removed).toEqual([
      { name: 'stuck', body: { preconditions: { uid: 'uid-stuck' }, gracePeriodSeconds: 0 } },
    ]);
    expect(result.output).toMatch(
      /^removed stuck: still there 40\d s after its grace\n1 pods removed, 0 not\n$/,
    );
    expect(result.code).toBe(0);
  });

  test('removes pods that ended, each kind at its own age, counted from their end', async () => {
    const result = await run({
      pods: [
        pod('old-success', 'Succeeded', ended(700)),
        pod('new-success', 'Succeeded', ended(500)),
        pod('old-failure', 'Failed', ended(1900)),
        pod('new-failure', 'Failed', ended(700)),
        pod('never-ran', 'Failed'),
      ],
    });
    expect(namesOf(result)).toEqual(['old-success', 'old-failure', 'never-ran']);
    expect(result.removed[0]?.body).toEqual({ preconditions: { uid: 'uid-old-success' } });
  });

  test('removes what found no node and has no owner, since nothing else ends it', async () => {
    const unscheduled = (seconds: number, metadata: Json = {}) => ({
      spec: {},
      metadata: { creationTimestamp: ago(seconds), ...metadata },
    });
    const ownerReferences = [{ kind: 'EphemeralRunner', name: 'runner' }];
    const result = await run({
      pods: [
        pod('forsaken', 'Pending', unscheduled(1900)),
        pod('waiting', 'Pending', unscheduled(1700)),
        pod('owned', 'Pending', unscheduled(90_000, { ownerReferences })),
        pod('pulling', 'Pending'),
      ],
    });
    expect(result.removed).toEqual([
      { name: 'forsaken', body: { preconditions: { uid: 'uid-forsaken' } } },
    ]);
    expect(result.output).toMatch(/^removed forsaken: without a node for 190\d s\n/);
  });

  test('counts from the container that ended last', async () => {
    const states = [700, 100].map((at) => ({ state: { terminated: { finishedAt: ago(at) } } }));
    const result = await run({ pods: [pod('done', 'Succeeded', { containerStatuses: states })] });
    expect(namesOf(result)).toEqual([]);
  });

  test('asks for pods of jobs only, page by page, as its own account', async () => {
    const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, 'Succeeded', ended(700)));
    const result = await run({ pods, pageSize: 2 });
    const lists = result.requests.filter((request) => request.startsWith('GET '));
    expect(lists).toEqual(
      ['', '2', '4'].map(
        (from) =>
          `GET /api/v1/namespaces/jobs/pods?labelSelector=flywheel%2Frole%3Djob&limit=500&continue=${from}`,
      ),
    );
    expect(namesOf(result)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(new Set(result.authorizations)).toEqual(new Set([`Bearer ${TOKEN}`]));
  });

  test.each([404, 409])('takes the answer %i for a pod that is gone', async (status) => {
    const result = await run({
      pods: [pod('gone', 'Succeeded', ended(700))],
      refusals: { gone: status },
    });
    expect(result).toMatchObject({ code: 0 });
  });

  test('goes on when one pod cannot be removed, names it, and fails', async () => {
    const result = await run({
      pods: [pod('a', 'Succeeded', ended(700)), pod('b', 'Succeeded', ended(700))],
      refusals: { a: 403 },
    });
    expect(namesOf(result)).toEqual(['a', 'b']);
    expect(result.output).toContain('a stays: 403 answered with 403\n');
    expect(result.output).toContain('1 pods removed, 1 not\n');
    expect(result.code).toBe(1);
  });

  test('does not claim to have removed what a finalizer holds', async () => {
    const metadata = { deletionTimestamp: ago(400), finalizers: ['example.org/hold'] };
    const result = await run({ pods: [pod('held', 'Running', { metadata })] });
    expect(namesOf(result)).toEqual([]);
    expect(result.output).toContain('held stays: held by example.org/hold\n');
    expect(result.code).toBe(1);
  });

  test('fails and says why when pods cannot be listed', async () => {
    const result = await run({ pods: [], listStatus: 403 });
    expect(result.output).toBe('the pods of jobs could not be listed: 403 answered with 403\n');
    expect(result.code).toBe(1);
  });

  test('has nothing to say of an empty namespace', async () => {
    expect(await run({ pods: [] })).toMatchObject({ output: '0 pods removed, 0 not\n', code: 0 });
  });

  test('rejects an age that is no number', async () => {
    const result = await run({ pods: [] }, { STUCK_SEC: 'soon' });
    expect(result.output).toContain('STUCK_SEC must be a number of seconds, got soon');
    expect(result.code).not.toBe(0);
  });
});

describe('PodCleanup', () => {
  const json = synthesizeConstruct((stack) => void homeIn(stack, []));
  const task = named(json, 'kubernetes_cron_job_v1', 'flywheel-cleanup');
  const podSpec = task.spec.job_template.spec.template.spec;

  test('runs every five minutes, never twice at a time', () => {
    expect(task.spec).toMatchObject({ schedule: '*/5 * * * *', concurrency_policy: 'Forbid' });
  });

  test('may read and remove the pods of its own namespace, and nothing else (W-C4)', () => {
    const role = named(json, 'kubernetes_role_v1', 'flywheel-cleanup');
    expect(role.rule).toEqual([
      { api_groups: [''], resources: ['pods'], verbs: ['get', 'list', 'delete'] },
    ]);
    expect(role.metadata.namespace).toBe('jobs');
    expect(podSpec.automount_service_account_token).toBe(true);
  });

  test('gives the script everything it requires', () => {
    const [container] = podSpec.container;
    const variables = Object.fromEntries(
      container.env.map(({ name, value }: Json) => [name, value]),
    );
    expect(variables).toEqual({
      NAMESPACE: 'jobs',
      SELECTOR: 'flywheel/role=job',
      STUCK_SEC: '300',
      SUCCEEDED_SEC: '600',
      FAILED_SEC: '1800',
      PENDING_SEC: '1800',
      API_SERVER: 'https://kubernetes.default.svc',
      TOKEN_FILE: '/var/run/secrets/kubernetes.io/serviceaccount/token',
      NODE_EXTRA_CA_CERTS: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
    });
    expect(container.command).toEqual(['node', '/script/remove-stuck-pods.mjs']);
    expect(container.image).toMatch(/node:[\w.-]+@sha256:/);
  });

  test('carries the script unchanged, with its braces escaped for OpenTofu', () => {
    const [{ data }] = resourcesOf(json, 'kubernetes_config_map_v1').filter(
      ({ metadata }) => metadata.name === 'flywheel-cleanup',
    );
    const text: string = data['remove-stuck-pods.mjs'];
    expect(text).toContain('`Bearer $${');
    expect(text.replaceAll('$${', '')).not.toContain('${');
  });
});
