import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Check, printChecks, verdictOf } from '../../../operations/kubernetes/check.ts';
import type { ClusterClient } from '../../../operations/kubernetes/cluster-client.ts';
import { identify, pinFile } from '../../../operations/kubernetes/declared-cluster.ts';
import { HttpsClient } from '../../../operations/kubernetes/https-client.ts';
import type { KubeAccess } from '../../../operations/kubernetes/kube-access.ts';
import { findCluster } from '../../../operations/kubernetes/kube-access.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';

let server: TestApiServer;
let folder: string;
let environment: NodeJS.ProcessEnv;
beforeEach(async () => {
  server = await startApiServer();
  folder = mkdtempSync(join(tmpdir(), 'flywheel-identity-'));
  environment = { XDG_STATE_HOME: join(folder, 'state') };
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const DECLARED = { name: 'honey', nodes: [{ name: 'honey' }, { name: 'bumble' }] };

function reach(context: string): { access: KubeAccess; client: ClusterClient } {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, server.kubeconfig(context));
  const access = findCluster({ KUBE_CONFIG_PATH: file });
  return { access, client: new HttpsClient(access) };
}

async function checksFor(context: string, inPod = false) {
  const { access, client } = reach(context);
  const { checks } = await identify(DECLARED, { ...access, inPod }, client, environment);
  return checks.map((check) => [check.name, check.status]);
}

function uidOfCluster(uid: string): void {
  server.state.objects.set('/api/v1/namespaces/kube-system', { metadata: { uid } });
}

describe('identify', () => {
  test('keeps the UID of the declared cluster at the first use, readable by its owner alone', async () => {
    const file = pinFile('honey', environment);
    expect(await checksFor('honey')).toEqual([
      ['cluster-context', 'good'],
      ['cluster-uid', 'good'],
    ]);
    expect(readFileSync(file, 'utf8')).toBe('uid-of-honey\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await checksFor('honey')).toEqual([
      ['cluster-context', 'good'],
      ['cluster-uid', 'good'],
    ]);
  });

  test('finds another cluster behind the same name bad, and goes on doing so', async () => {
    await checksFor('honey');
    uidOfCluster('uid-of-another');
    const { access, client } = reach('honey');
    const { checks } = await identify(DECLARED, access, client, environment);
    const file = pinFile('honey', environment);
    expect(checks[1]).toEqual({
      name: 'cluster-uid',
      status: 'bad',
      problem: `kube-system has the UID uid-of-another, and ${file} says uid-of-honey: this is another cluster, or honey was made anew`,
      fix: `if honey was really made anew, remove ${file}`,
    });
    expect(verdictOf(checks)).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('uid-of-honey\n');
  });

  test('keeps nothing of a context that is not the declared one', async () => {
    expect(await checksFor('production')).toEqual([
      ['cluster-context', 'bad'],
      ['cluster-uid', 'unknown'],
    ]);
    expect(existsSync(pinFile('honey', environment))).toBe(false);
  });

  test('takes the UID from the environment where no file of an earlier run can be', async () => {
    environment = { ...environment, FLYWHEEL_CLUSTER_UID: 'uid-of-honey' };
    expect(await checksFor('inClusterContext', true)).toEqual([
      ['cluster-context', 'good'],
      ['cluster-uid', 'good'],
    ]);
    uidOfCluster('uid-of-another');
    expect((await checksFor('inClusterContext', true))[1]).toEqual(['cluster-uid', 'bad']);
    expect(existsSync(pinFile('honey', environment))).toBe(false);
  });

  test('knows the cluster of a pod by its nodes', async () => {
    const node = (name: string) =>
      server.state.objects.set(`/api/v1/nodes/${name}`, { metadata: { name } });
    node('honey');
    expect((await checksFor('inClusterContext', true))[0]).toEqual(['cluster-context', 'bad']);
    node('bumble');
    expect((await checksFor('inClusterContext', true))[0]).toEqual(['cluster-context', 'good']);
  });
});

describe('the outcomes of checks', () => {
  const good: Check = { name: 'a', status: 'good', detail: 'fine' };
  const bad: Check = { name: 'longer', status: 'bad', problem: 'broken', fix: 'mend it' };
  const unknown: Check = { name: 'b', status: 'unknown', because: 'nobody answers' };

  test.each([
    [[good], 0],
    [[good, unknown], 1],
    [[unknown, bad, good], 2],
  ])('come to one exit code', (checks, code) => {
    expect(verdictOf(checks)).toBe(code);
  });

  test('are lines that a person reads: results apart from problems', () => {
    const results: string[] = [];
    const problems: string[] = [];
    printChecks([good, bad, unknown], {
      result: (line) => void results.push(line),
      problem: (line) => void problems.push(line),
    });
    expect(results).toEqual(['ok    a       fine']);
    expect(problems).toEqual([
      'FAIL  longer  broken',
      '      fix: mend it',
      '?     b       not known: nobody answers',
    ]);
  });
});
