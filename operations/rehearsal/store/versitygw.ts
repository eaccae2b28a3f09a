import { join } from 'node:path';
import type { Kind } from './kind.ts';
import { accept, clientOf, ensureBucket } from './provisioning.ts';

/**
 * VersityGW over a folder. It knows users and owners of buckets: an identity reaches what it owns.
 *
 * It keeps what it knows of objects in files beside them, since not every file system has extended attributes, and the keys of
 * its users in a file of the folder that goes with the store.
 */
export const versitygw: Kind = {
  readyPath: '/',
  noVersions:
    'with old versions, VersityGW lets a lock be taken once: it takes a delete marker for the lock',

  start({ folder, data, address, port, region, root }) {
    const at = (name: string) => join(data, name);
    const users = join(folder, 'users');
    return {
      args: [
        `--port=${address}:${port}`,
        `--region=${region}`,
        `--iam-dir=${users}`,
        'posix',
        `--sidecar=${at('metadata')}`,
        at('objects'),
      ],
      environment: {
        ROOT_ACCESS_KEY: root.accessKeyId,
        ROOT_SECRET_KEY: root.secretAccessKey,
      },
      folders: [users, at('objects'), at('metadata')],
    };
  },

  async provision({ root, buckets, ...address }) {
    const send = clientOf(address, root);
    for (const bucket of buckets) {
      const { accessKeyId, secretAccessKey } = bucket.identity;
      const body = `<Account><Access>${accessKeyId}</Access><Secret>${secretAccessKey}</Secret><Role>user</Role></Account>`;
      accept(
        await send('PATCH', '/create-user', { body }),
        `create the identity of bucket ${bucket.name}`,
      );
      await ensureBucket(send, bucket);
      const query = { bucket: bucket.name, owner: accessKeyId };
      accept(
        await send('PATCH', '/change-bucket-owner', { query }),
        `give bucket ${bucket.name} to its identity`,
      );
    }
  },
};
