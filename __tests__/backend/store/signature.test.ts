import { describe, expect, test } from 'vitest';
import {
  type SignableRequest,
  type Signer,
  sha256,
  signatureFault,
  signedHeaders,
} from '../../../backend/store/signature.ts';

/** The example of the documentation of AWS. @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const EXAMPLE = {
  request: {
    method: 'GET',
    origin: 'https://examplebucket.s3.amazonaws.com',
    path: '/test.txt',
    query: {},
    headers: {
      host: 'examplebucket.s3.amazonaws.com',
      range: 'bytes=0-9',
      'x-amz-content-sha256': sha256(''),
      'x-amz-date': '20130524T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
  },
  signer: {
    region: 'us-east-1',
    keys: {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    },
  },
  at: new Date('2013-05-24T00:10:00Z'),
} as const;

const SIGNER: Signer = {
  region: 'eu-west-1',
  keys: { accessKeyId: 'one', secretAccessKey: 'of a run', sessionToken: 'and for a while' },
};

async function signed(change: Partial<SignableRequest> = {}): Promise<SignableRequest> {
  const request: SignableRequest = {
    method: 'PUT',
    origin: 'http://127.0.0.1:9000',
    path: '/tofu-state/a%20key/with%3D.tfstate',
    query: { 'list-type': '2', prefix: 'env:/' },
    headers: { 'content-type': 'application/json', 'if-none-match': '*' },
    ...change,
  };
  const headers = await signedHeaders(request, Buffer.from('{}'), SIGNER);
  return { ...request, headers: { ...headers } };
}

describe('the signature of a request', () => {
  test('is the one of the example in the documentation of S3', async () => {
    expect(await signatureFault(EXAMPLE.request, EXAMPLE.signer, EXAMPLE.at)).toBeUndefined();
  });

  test('is accepted from the one who made it', async () => {
    expect(await signatureFault(await signed(), SIGNER)).toBeUndefined();
  });

  test('covers the hash of the body and the token of temporary keys', async () => {
    const { headers } = await signed();
    expect(headers['x-amz-content-sha256']).toBe(sha256('{}'));
    expect(headers['x-amz-security-token']).toBe('and for a while');
    expect(headers.authorization).toContain('x-amz-content-sha256;x-amz-date;x-amz-security-token');
  });

  test.each<[string, (request: SignableRequest) => SignableRequest]>([
    ['another method', (request) => ({ ...request, method: 'DELETE' })],
    ['another key', (request) => ({ ...request, path: '/tofu-state/another' })],
    ['another question', (request) => ({ ...request, query: { prefix: '' } })],
    [
      'another condition',
      ({ headers, ...rest }) => ({ ...rest, headers: { ...headers, 'if-none-match': '"e"' } }),
    ],
    [
      'another hash of the body',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: { ...headers, 'x-amz-content-sha256': sha256('[]') },
      }),
    ],
    [
      'a signature that does not cover the hash of the body',
      ({ headers, ...rest }) => ({
        ...rest,
        headers: {
          ...headers,
          authorization: headers.authorization?.replace('x-amz-content-sha256;', '') ?? '',
        },
      }),
    ],
  ])('is refused with %s', async (_change, change) => {
    expect(await signatureFault(change(await signed()), SIGNER)).toBe('SignatureDoesNotMatch');
  });

  test('is refused from another identity, with another secret, for another region', async () => {
    const request = await signed();
    const { keys, region } = SIGNER;
    const other = (change: Partial<Signer>) => signatureFault(request, { ...SIGNER, ...change });
    expect(await other({ keys: { ...keys, accessKeyId: 'two' } })).toBe('InvalidAccessKeyId');
    expect(await other({ keys: { ...keys, secretAccessKey: 'x' } })).toBe('SignatureDoesNotMatch');
    expect(await other({ region: `${region}x` })).toBe('SignatureDoesNotMatch');
  });

  test('is refused when there is none, or it is of another time', async () => {
    const { headers, ...rest } = await signed();
    const { authorization: _, ...unsigned } = headers;
    expect(await signatureFault({ ...rest, headers: unsigned }, SIGNER)).toBe('AccessDenied');
    const later = new Date(Date.now() + 16 * 60_000);
    expect(await signatureFault({ ...rest, headers }, SIGNER, later)).toBe('RequestTimeTooSkewed');
  });
});
