import { errorCode, Failure, requireSuccess } from './outcome.mjs';
import { elements, statements, textOf, xmlText, xmlTree } from './xml-tree.mjs';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const NO_PUBLIC_ACCESS = [
  'BlockPublicAcls',
  'BlockPublicPolicy',
  'IgnorePublicAcls',
  'RestrictPublicBuckets',
];

/** The names of all buckets that the identity sees. */
export function bucketNames({ text }) {
  return elements(xmlTree(text), 'Bucket').map((bucket) => textOf(bucket, 'Name'));
}

/**
 * Makes the bucket when it was never there.
 *
 * A bucket whose access policy exists was there before: the policy is made after the bucket and lies elsewhere. To make
 * it again would turn a store that has lost its index into one that looks new and empty.
 */
export async function ensureExists({ root, report }, { name }, { listed, known }) {
  const head = await root('HEAD', `/${name}`);
  const there = head.status !== 404;
  if (there) requireSuccess(head, `say whether bucket ${name} exists`);
  if (there && listed) return report('ok', `bucket ${name} exists`);
  if (there || listed || known) {
    throw new Failure(
      `bucket ${name} is lost: ${lossEvidence({ there, listed })}. Nothing was changed. Keep the logs and run "just rustfs-bucket-index-rca --bucket ${name}" before anything is restarted; if it was deleted on purpose, delete its access policy too`,
    );
  }
  requireSuccess(await root('PUT', `/${name}`), `create bucket ${name}`);
  return report('changed', `bucket ${name} was created`);
}

function lossEvidence({ there, listed }) {
  if (there) return 'it answers but is missing from the list of buckets';
  if (listed) return 'it is in the list of buckets but does not answer';
  return 'its access policy exists, so it was there, and now it does not answer';
}

/** Keeps old versions, or does not. A bucket that never did answers without a status. */
export async function ensureVersioning(context, { name, versioned }) {
  const wanted = versioned ? 'Enabled' : 'Suspended';
  const status = (xml) => textOf(xmlTree(xml), 'Status') ?? 'Suspended';
  await ensureDocument(context, name, {
    what: versioned ? 'keeps old versions' : 'keeps no old versions',
    subresource: 'versioning',
    agrees: (xml) => status(xml) === wanted,
    xml: document('VersioningConfiguration', `<Status>${wanted}</Status>`),
  });
}

/** Refuses whatever would let anyone in without an identity. */
export async function ensureNoPublicAccess(context, { name }) {
  const xml = document(
    'PublicAccessBlockConfiguration',
    NO_PUBLIC_ACCESS.map((flag) => `<${flag}>true</${flag}>`).join(''),
  );
  await ensureDocument(context, name, {
    what: 'is closed to the public',
    subresource: 'publicAccessBlock',
    missing: 'NoSuchPublicAccessBlockConfiguration',
    agrees: (actual) => sameStatements(xmlTree(actual).children, xmlTree(xml).children),
    xml,
  });
}

/** Has exactly the declared rules; a rule that someone else added is removed. */
export async function ensureLifecycle(context, { name, lifecycle }) {
  const xml = document('LifecycleConfiguration', lifecycle.map(ruleXml).join(''));
  const rules = (text) => elements(xmlTree(text), 'Rule');
  await ensureDocument(context, name, {
    what: `has the ${lifecycle.length} declared lifecycle rules`,
    subresource: 'lifecycle',
    missing: 'NoSuchLifecycleConfiguration',
    agrees: (actual) => sameStatements(rules(actual), rules(xml)),
    xml,
  });
}

async function ensureDocument({ root, report }, name, { what, subresource, missing, agrees, xml }) {
  const query = { [subresource]: '' };
  const answer = await root('GET', `/${name}`, { query });
  // By its code alone: RustFS gives some of these codes another status than 404.
  const absent = missing !== undefined && errorCode(answer) === missing;
  if (!absent) requireSuccess(answer, `show the ${subresource} of bucket ${name}`);
  if (!absent && agrees(answer.text)) return report('ok', `bucket ${name} ${what}`);
  const put = await root('PUT', `/${name}`, { query, body: xml });
  requireSuccess(put, `set the ${subresource} of bucket ${name}`);
  return report('changed', `bucket ${name} now ${what}`);
}

function document(element, content) {
  return `<${element} xmlns="${NAMESPACE}">${content}</${element}>`;
}

function ruleXml({ id, prefix, abortUploadsAfterDays, dropOldVersionsAfterDays }) {
  return [
    `<Rule><ID>${xmlText(id)}</ID><Status>Enabled</Status>`,
    `<Filter><Prefix>${xmlText(prefix)}</Prefix></Filter>`,
    abortUploadsAfterDays === undefined
      ? ''
      : `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${abortUploadsAfterDays}</DaysAfterInitiation></AbortIncompleteMultipartUpload>`,
    dropOldVersionsAfterDays === undefined
      ? ''
      : `<NoncurrentVersionExpiration><NoncurrentDays>${dropOldVersionsAfterDays}</NoncurrentDays></NoncurrentVersionExpiration><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`,
    '</Rule>',
  ].join('');
}

function sameStatements(left, right) {
  const all = (nodes) => nodes.map((node) => statements(node).join('\n')).sort();
  return JSON.stringify(all(left)) === JSON.stringify(all(right));
}
