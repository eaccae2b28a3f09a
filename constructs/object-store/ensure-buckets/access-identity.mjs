import { errorCode, Failure, requireSuccess } from './outcome.mjs';

const ADMIN = '/rustfs/admin/v3';
const WRONG_KEY = ['InvalidAccessKeyId', 'SignatureDoesNotMatch'];
const SHOWN_CHARACTERS = 4;

/** The name of the access policy of a bucket. */
export const policyName = (bucket) => `bucket-${bucket}`;

/** True when the bucket has had its access policy before. */
export async function policyExists({ root }, { name }) {
  return (await storedPolicy(root, name)) !== undefined;
}

/** Every write is on the disk before it is acknowledged. What the server does with new buckets says nothing of old ones. */
export async function ensureDurability({ root, report }, { name }) {
  const path = `${ADMIN}/bucket-durability/${name}`;
  const answer = requireSuccess(await root('GET', path), `show the durability of bucket ${name}`);
  if (JSON.parse(answer.text).mode === 'strict')
    return report('ok', `bucket ${name} is written durably`);
  const body = JSON.stringify({ mode: 'strict' });
  requireSuccess(await root('PUT', path, { body }), `set the durability of bucket ${name}`);
  return report('changed', `bucket ${name} is now written durably`);
}

/** The policy says what its identity may do, and nothing else. */
export async function ensurePolicy({ root, report }, { name, policy }) {
  const stored = await storedPolicy(root, name);
  if (stored !== undefined && normal(stored) === normal(policy))
    return report('ok', `access policy ${policyName(name)} is as declared`);
  const query = { name: policyName(name) };
  const body = JSON.stringify(policy);
  requireSuccess(
    await root('PUT', `${ADMIN}/add-canned-policy`, { query, body }),
    `store access policy ${policyName(name)}`,
  );
  return report('changed', `access policy ${policyName(name)} was stored`);
}

/** The identity of the bucket exists, with the key of its Secret and with its one policy. */
export async function ensureIdentity({ root, report }, { name, identity }) {
  const { accessKeyId, secretAccessKey, send } = identity;
  const user = await userInfo(root, accessKeyId);
  if (user?.status === 'enabled' && (await keyIsRight(send, name))) {
    report('ok', `the identity of bucket ${name} exists`);
  } else {
    requireSuccess(
      await root('PUT', `${ADMIN}/add-user`, {
        query: { accessKey: accessKeyId },
        body: JSON.stringify({ secretKey: secretAccessKey, status: 'enabled' }),
      }),
      `create the identity of bucket ${name}`,
    );
    report('changed', `the identity of bucket ${name} was ${user ? 'given its key' : 'created'}`);
  }
  if (user?.policyName === policyName(name))
    return report('ok', `the identity of bucket ${name} has its policy`);
  requireSuccess(
    await root('PUT', `${ADMIN}/set-user-or-group-policy`, {
      query: { policyName: policyName(name), userOrGroup: accessKeyId, isGroup: 'false' },
    }),
    `give the identity of bucket ${name} its policy`,
  );
  return report('changed', `the identity of bucket ${name} was given its policy`);
}

/** The identity really reaches its own bucket, and no other. */
export async function proveIdentity({ report }, { name, identity }, others) {
  requireSuccess(await firstKey(identity.send, name), `let the identity of bucket ${name} in`);
  for (const other of others) {
    const answer = await firstKey(identity.send, other);
    if (answer.status !== 403) {
      throw new Failure(
        `the identity of bucket ${name} is not kept out of bucket ${other}: ${answer.status} instead of 403. Look for a policy on that bucket, or a group that the identity is in`,
      );
    }
  }
  report('ok', `the identity of bucket ${name} reaches it and no other`);
}

/** Identities that have the rights to a bucket but no longer stand in its Secret. They are named, never removed. */
export async function reportFormerIdentities({ root, report }, buckets) {
  const answer = requireSuccess(await root('GET', `${ADMIN}/list-users`), 'list its identities');
  for (const [accessKeyId, user] of Object.entries(JSON.parse(answer.text))) {
    const bucket = buckets.find(({ name }) => user.policyName === policyName(name));
    if (bucket === undefined || bucket.identity.accessKeyId === accessKeyId) continue;
    report(
      'left',
      `identity ${accessKeyId.slice(0, SHOWN_CHARACTERS)}… still reaches bucket ${bucket.name}; remove it when nothing uses it any more`,
    );
  }
}

/** The one answer that means that there is no such policy or identity; a 404 of another code says nothing of it. */
function isAbsent(answer) {
  return answer.status === 404 && errorCode(answer) === 'NoSuchResource';
}

async function storedPolicy(root, bucket) {
  const query = { name: policyName(bucket) };
  const answer = await root('GET', `${ADMIN}/info-canned-policy`, { query });
  if (isAbsent(answer)) return undefined;
  requireSuccess(answer, `show access policy ${policyName(bucket)}`);
  return policyIn(answer.text, policyName(bucket));
}

/** A shape that is not known never means that there is none: a lost bucket would be made again, and be empty. */
function policyIn(text, name) {
  let policy;
  try {
    policy = JSON.parse(text).policy;
  } catch {
    policy = undefined;
  }
  if (Array.isArray(policy?.Statement)) return policy;
  throw new Failure(
    `the store shows access policy ${name} in a shape that is not known: policy.Statement must be a list. Nothing was changed for its bucket; use the version of RustFS that is pinned`,
  );
}

async function userInfo(root, accessKeyId) {
  const answer = await root('GET', `${ADMIN}/user-info`, { query: { accessKey: accessKeyId } });
  if (isAbsent(answer)) return undefined;
  requireSuccess(answer, 'show one of its identities');
  return JSON.parse(answer.text);
}

async function keyIsRight(send, bucket) {
  return !WRONG_KEY.includes(errorCode(await firstKey(send, bucket)));
}

function firstKey(send, bucket) {
  return send('GET', `/${bucket}`, { query: { 'list-type': '2', 'max-keys': '1' } });
}

/** A policy with its lists in order, so that two can be compared as text. */
function normal({ Statement: statements }) {
  const list = (value) => [value ?? []].flat().sort();
  const lines = statements.map(({ Action, Resource, Sid: _label, ...rest }) =>
    JSON.stringify([list(Action), list(Resource), Object.entries(rest).sort()]),
  );
  return JSON.stringify(lines.sort());
}
