import { createHash, createHmac } from 'node:crypto';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 's3';
const ANSWER_WITHIN_MS = 30_000;

/**
 * A function that sends requests to one store as one identity, signed with AWS Signature Version 4.
 *
 * It answers with `{ status, text }` whatever the status is; a store that does not answer rejects.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signedClient({ endpoint, region, accessKeyId, secretAccessKey }) {
  const { host, origin } = new URL(endpoint);
  return async function send(method, path, { query = {}, body = '' } = {}) {
    const pathText = path.split('/').map(escaped).join('/');
    const queryText = Object.entries(query)
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .sort()
      .join('&');
    const headers = signedHeaders(
      { host, region, accessKeyId, secretAccessKey },
      { method, pathText, queryText, body },
    );
    const answer = await fetch(`${origin}${pathText}${queryText === '' ? '' : `?${queryText}`}`, {
      method,
      headers,
      ...(body === '' ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { status: answer.status, text: await answer.text() };
  };
}

function signedHeaders(signer, { method, pathText, queryText, body }) {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    ...(body === '' ? {} : { 'content-md5': hash('md5', body).digest('base64') }),
    host: signer.host,
    'x-amz-content-sha256': hash('sha256', body).digest('hex'),
    'x-amz-date': time,
  };
  const names = Object.keys(headers).join(';');
  const canonical = [
    method,
    pathText,
    queryText,
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    names,
    headers['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${time.slice(0, 8)}/${signer.region}/${SERVICE}/aws4_request`;
  const toSign = [ALGORITHM, time, scope, hash('sha256', canonical).digest('hex')].join('\n');
  const key = scope.split('/').reduce(hmac, `AWS4${signer.secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const { host: _setByFetch, ...sent } = headers;
  return {
    ...sent,
    authorization: `${ALGORITHM} Credential=${signer.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function hash(algorithm, text) {
  return createHash(algorithm).update(text, 'utf8');
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

/** Percent-encoding as the signature wants it: everything but letters, digits and "-._~". */
function escaped(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
