import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Exec, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../operations/rehearsal/cluster/api.ts';
import { ClusterFolder } from '../../operations/rehearsal/cluster/folder.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { podRoot } from '../../operations/rehearsal/cluster/pod-access.ts';
import { eventually, podSpec } from '../support/cluster-objects.ts';

const missing = await missingPrograms();
const NAME = `exec-${process.pid}`;

describe.skipIf(missing.length > 0)(
  `logs and exec${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let launched: Launched;
    let own: OwnCluster;
    const config = new KubeConfig();

    beforeAll(async () => {
      launched = await launchCluster({ name: NAME, podAccess: true });
      own = await ownCluster(NAME);
      config.loadFromFile(own.kubeconfig);
      const disk = join(podRoot(new ClusterFolder(NAME)), 'data');
      mkdirSync(disk);
      writeFileSync(join(disk, 'marker'), 'it is there\n');
      const pods = '/api/v1/namespaces/default/pods';
      await own.api.create(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'disk' },
        spec: podSpec({}),
      });
      await eventually('the pod', async () => {
        const pod = await own.api.get<V1Pod & KubeObject>(`${pods}/disk`);
        return pod.status?.phase === 'Running' || undefined;
      });
    }, 120_000);

    afterAll(async () => {
      own?.api.close();
      await launched?.stop();
    });

    /** Runs a command as the operator, and returns what it wrote with how it ended. */
    function run(...words: string[]): Promise<{ text: string; status: string | undefined }> {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      let text = '';
      for (const stream of [stdout, stderr]) {
        stream.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
      }
      return new Promise((resolve, reject) => {
        new Exec(config)
          .exec('default', 'disk', 'main', words, stdout, stderr, null, false, ({ status }) =>
            setImmediate(() => resolve({ text, status })),
          )
          .catch((error) => reject(new Error(error.message ?? String(error))));
      });
    }

    test('show the folder of the harness as the disk of the pod', async () => {
      expect(await run('cat', '/data/marker')).toEqual({
        text: 'it is there\n',
        status: 'Success',
      });
      expect(await run('ls', '/data')).toEqual({ text: 'marker\n', status: 'Success' });
      expect((await run('cat', '/etc/passwd')).status).toBe('Failure');
    });

    test.each([
      [['sh', '-c', 'id']],
      [['/bin/ls', '/']],
      [['find', '/data', '-delete']],
      [['cat', '/data/../../record']],
    ])('refuse %j', async (words) => {
      await expect(run(...words)).rejects.toThrow(/403/);
    });

    test('say that no container runs', async () => {
      expect(await own.api.text('/api/v1/namespaces/default/pods/disk/log')).toBe(
        'no container runs in a rehearsal cluster\n',
      );
    });
  },
);
