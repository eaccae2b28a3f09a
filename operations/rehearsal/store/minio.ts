import { join } from 'node:path';
import { bucketPolicy } from '../../../constructs/object-store/bucket-rules.ts';
import type { Kind } from './kind.ts';
import { encryptedPayload } from './minio-payload.ts';
import { accept, clientOf, ensureBucket, patient } from './provisioning.ts';

const ADMIN = '/minio/admin/v3';

/** MinIO on one folder. An identity may what its policy says, and that is the one which the bucket has everywhere. */
export const minio: Kind = {
  // It lists buckets before it has read who may.
  readyPath: `${ADMIN}/list-canned-policies`,

  start({ folder, data, address, port, region, root }) {
    const certificates = join(folder, 'certificates');
    return {
      // Not quiet, it would print its root identity.
      args: [
        'server',
        '--quiet',
        `--address=${address}:${port}`,
        `--certs-dir=${certificates}`,
        data,
      ],
      environment: {
        MINIO_ROOT_USER: root.accessKeyId,
        MINIO_ROOT_PASSWORD: root.secretAccessKey,
        MINIO_SITE_REGION: region,
        // No console, which would listen on every address, and no question to its maker for a newer version.
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
      },
      folders: [certificates, data],
    };
  },

  async provision({ root, buckets, signal, ...address }) {
    const send = patient(clientOf(address, root), signal);
    for (const bucket of buckets) {
      const { accessKeyId, secretAccessKey } = bucket.identity;
      await ensureBucket(send, bucket);
      const policy = `bucket-${bucket.name}`;
      accept(
        await send('PUT', `${ADMIN}/add-canned-policy`, {
          query: { name: policy },
          body: JSON.stringify(bucketPolicy(bucket)),
        }),
        `store access policy ${policy}`,
      );
      const user = JSON.stringify({ secretKey: secretAccessKey, status: 'enabled' });
      accept(
        await send('PUT', `${ADMIN}/add-user`, {
          query: { accessKey: accessKeyId },
          body: encryptedPayload(root.secretAccessKey, user),
        }),
        `create the identity of bucket ${bucket.name}`,
      );
      accept(
        await send('PUT', `${ADMIN}/set-user-or-group-policy`, {
          query: { policyName: policy, userOrGroup: accessKeyId, isGroup: 'false' },
        }),
        `give the identity of bucket ${bucket.name} its policy`,
      );
    }
  },
};
