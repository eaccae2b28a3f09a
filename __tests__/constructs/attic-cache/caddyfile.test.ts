import { describe, expect, test } from 'vitest';
import { renderCaddyfile } from '../../../constructs/attic-cache/caddyfile.ts';
import { redirectTarget } from '../../../constructs/attic-cache/public-reads.ts';
import { Endpoint } from '../../../values/endpoint.ts';

const OPTIONS = {
  port: 8080,
  attic: Endpoint.service('http', 'attic', 'nix-cache'),
  store: Endpoint.service('http', 'store', 'nix-cache', 9000),
  timeoutSec: 3600,
  graceSec: 50,
};

describe('the Caddyfile of the public entry', () => {
  test('is what was tried against the real program', async () => {
    await expect(renderCaddyfile(OPTIONS)).toMatchFileSnapshot('__snapshots__/Caddyfile');
  });

  test('follows redirects to the declared store and to no other host', () => {
    const text = renderCaddyfile(OPTIONS);
    expect(text).toContain('header Location http://store.nix-cache.svc.cluster.local:9000/*');
    expect(text).toContain(`~^http://store\\.nix-cache\\.svc\\.cluster\\.local:9000(/.*)$ "\${1}"`);
  });

  test('keeps the query of a signed address, which the rewrite drops without its last character', () => {
    expect(renderCaddyfile(OPTIONS)).toMatch(/^\t*rewrite \* \{signed_uri\}\?$/m);
  });

  test('sends the Host that was signed, and no token, to the store', () => {
    const toStore = renderCaddyfile(OPTIONS).split('reverse_proxy ')[2];
    expect(toStore).toContain('header_up Host store.nix-cache.svc.cluster.local:9000');
    expect(toStore).toContain('header_up -Authorization');
  });

  test('leaves the port out of the Host of a store behind its own port of https', () => {
    const text = renderCaddyfile({
      ...OPTIONS,
      store: Endpoint.parse('pod', 'https://abc.r2.cloudflarestorage.com'),
    });
    expect(text).toContain('header Location https://abc.r2.cloudflarestorage.com/*');
    expect(text).toContain('header_up Host abc.r2.cloudflarestorage.com\n');
  });

  test('passes on the path of a store that lies below one', () => {
    const text = renderCaddyfile({
      ...OPTIONS,
      store: Endpoint.parse('pod', 'https://objects.example.org/s3'),
    });
    expect(text).toContain('~^https://objects\\.example\\.org(/.*)$');
    expect(text).toContain('reverse_proxy https://objects.example.org {');
  });
});

describe('the target of a redirect', () => {
  test('is the declared store', () => {
    expect(redirectTarget({ bucket: 'attic', region: 'auto', endpoint: OPTIONS.store })).toBe(
      OPTIONS.store,
    );
  });

  test('is the host of the bucket at AWS, which has no endpoint', () => {
    const target = redirectTarget({ bucket: 'chunks', region: 'eu-west-1', endpoint: undefined });
    expect(String(target)).toBe('https://chunks.s3.eu-west-1.amazonaws.com');
  });
});
