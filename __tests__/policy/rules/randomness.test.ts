import { describe, expect, test } from 'vitest';
import { isPublicKey, looksRandom } from '../../../policy/rules/randomness.ts';

describe('looksRandom', () => {
  test.each([
    ['base64 of 32 bytes', 'kq3vZ8m1T0c9XbLr5YfWn2HdJ7sPgA6e4uQiVtRxMZo='],
    ['base64 with a slash', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPL3KEYab'],
    ['base64 for URLs', 'q9Zr2TfK7vXw4LmB8nYs3HdJ6gPc1Aeu'],
    ['such text inside of another', 'token: q9Zr2TfK7vXw4LmB8nYs3HdJ6gPc1Aeu;'],
  ])('finds %s', (_, text) => {
    expect(looksRandom(text)).toBe(true);
  });

  test.each([
    ['a digest of an image', `registry.example/app:1@sha256:${'0123456789abcdef'.repeat(4)}`],
    ['a commit', '12cbeca141f46e1ade76728bce8adc447f2166c6'],
    ['a UUID', '123e4567-e89b-12d3-a456-426614174000'],
    ['the address of a resource', 'kubernetes_deployment_v1.attic_public-reads_entry_410A7117'],
    ['a path in the store of Nix', '/nix/store/0c3ydlqjl8aqjw3dlgjqv3zj5ym1c9ka-bash-5.2p37'],
    ['a hash as Nix writes it', 'sha256-uKn3vZ8m1T0c9XbLr5YfWn2HdJ7sPgA6e4uQiVtRxMZo='],
    [
      'the public half of a Nix key',
      'cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=',
    ],
    ['words in one', 'AutoscalingRunnerSetListenerTemplate2'],
    ['a flake reference', 'github:tinyland-inc/GloriousFlywheel#attic-client'],
    ['a long variable', 'ATTIC_SERVER_TOKEN_HS256_SECRET_BASE64'],
    ['a short text', 'q9Zr2TfK7vXw4Lm'],
  ])('lets %s pass', (_, text) => {
    expect(looksRandom(text)).toBe(false);
  });

  test.each(['checksum/config', 'publicKey', 'trusted-public-keys', 'digest'])(
    'is not asked of text under the key %s',
    (key) => {
      expect(isPublicKey(key)).toBe(true);
    },
  );
});
