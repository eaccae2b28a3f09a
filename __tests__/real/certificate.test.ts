import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proofsExitCode } from '../../backend/certificate/proof.ts';
import { prove } from '../../backend/certificate/prove.ts';
import { StoreClient } from '../../backend/store/store-client.ts';
import { Child } from '../../operations/rehearsal/child.ts';
import { missingOf, requireInstalled } from '../../operations/rehearsal/installed.ts';
import { freePorts } from '../../operations/rehearsal/ports.ts';
import { freshIdentity, type Identity } from '../../operations/rehearsal/store/buckets.ts';
import { KINDS, type StoreKind } from '../../operations/rehearsal/store/kinds.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';

const KIND_NAMES = Object.keys(KINDS) as StoreKind[];
const STORES = await Promise.all(
  KIND_NAMES.map(async (kind) => ({ kind, missing: await missingOf([kind]) })),
);
const whyNot = (missing: readonly string[]) =>
  missing.length > 0 ? ` (not run: ${missing.join('; ')})` : '';

function clientOf(endpoint: string, keys: Identity, bucket = 'tofu-state'): StoreClient {
  return new StoreClient({ endpoint, bucket, region: 'us-east-1', pathStyle: true, keys });
}

async function proofsOf(client: StoreClient, bucket: string) {
  try {
    return await prove(client, bucket, 'full');
  } finally {
    client.close();
  }
}

describe.each(STORES)('the certificate of $kind', ({ kind, missing }) => {
  describe.skipIf(missing.length > 0)(`as a rehearsal starts it${whyNot(missing)}`, () => {
    let store: RunningStore;
    beforeAll(async () => {
      store = await startStore({ kind });
    }, 120_000);
    afterAll(() => store?.stop());

    test('says that a state is safe in it, as the identity of the bucket sees it', async () => {
      const state = store.buckets.find(({ purpose }) => purpose === 'state');
      if (state === undefined) throw new Error('every store has a bucket for the state');
      const client = clientOf(store.endpoint, state.identity, state.name);
      const { proofs, left, keepsVersions } = await proofsOf(client, state.name);
      const musts = proofs.filter(({ weight }) => weight === 'must');
      expect(musts.filter(({ outcome }) => outcome !== 'proved')).toEqual([]);
      expect(proofs.find(({ name }) => name === 'compare-and-swap')?.outcome).toBe('proved');
      expect([0, 3]).toContain(proofsExitCode(proofs));
      expect(left).toEqual([]);
      if (keepsVersions !== undefined) expect(keepsVersions).toBe(state.rules.versioned);
    });
  });
});

const missing = await missingOf(['versitygw']);

describe.skipIf(missing.length > 0)(
  `the certificate of versitygw with old versions${whyNot(missing)}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'flywheel-versions-'));
    const root = freshIdentity();
    let server: Child;
    let endpoint: string;

    beforeAll(async () => {
      const { versitygw } = await requireInstalled('store', ['versitygw']);
      const [port = 0] = await freePorts(1);
      endpoint = `http://127.0.0.1:${port}`;
      const at = (name: string) => join(folder, name);
      for (const name of ['objects', 'metadata', 'versions']) mkdirSync(at(name));
      server = await Child.start({
        name: 'versitygw',
        program: versitygw,
        args: [
          ...[`--port=127.0.0.1:${port}`, '--region=us-east-1', 'posix'],
          ...[`--sidecar=${at('metadata')}`, `--versioning-dir=${at('versions')}`, at('objects')],
        ],
        folder,
        log: at('log'),
        environment: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          ROOT_ACCESS_KEY: root.accessKeyId,
          ROOT_SECRET_KEY: root.secretAccessKey,
        },
      });
      const client = clientOf(endpoint, root);
      while ((await client.send({ method: 'PUT' }).catch(() => undefined)) === undefined)
        await pause(50);
      client.close();
    }, 60_000);

    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const outcomeOf = async (name: string) => {
      const { proofs } = await proofsOf(clientOf(endpoint, root), 'tofu-state');
      return { code: proofsExitCode(proofs), ...proofs.find((proof) => proof.name === name) };
    };

    test('warns while the bucket keeps none yet, by a scratch bucket that is removed', async () => {
      expect(await outcomeOf('create-after-delete-versioned')).toMatchObject({
        outcome: 'refuted',
        detail: expect.stringMatching(/^after the delete a create answers 412 PreconditionFailed/),
        code: 3,
      });
      const client = clientOf(endpoint, root);
      const { body } = await client.send({ method: 'GET', bucket: '' });
      client.close();
      expect(String(body)).not.toContain('scratch');
    });

    test('says that no state is safe once the bucket keeps them: after a delete, 412 for ever', async () => {
      const client = clientOf(endpoint, root);
      const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';
      const body = Buffer.from(enabled);
      await client.send({ method: 'PUT', query: { versioning: '' }, body });
      client.close();
      expect(await outcomeOf('create-after-delete')).toMatchObject({
        outcome: 'refuted',
        detail:
          'after the delete a create answers 412 PreconditionFailed, in a bucket that keeps old versions: the second lock of a stack can never be taken',
        code: 2,
      });
    });
  },
);
