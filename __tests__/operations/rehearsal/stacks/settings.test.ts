import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../../../config/read-settings.ts';
import {
  rehearsedSettings,
  writeSettings,
} from '../../../../operations/rehearsal/stacks/settings.ts';
import { exampleFile } from '../../../support/examples.ts';

/** A folder of the project, that nobody reads. */
const CHARTS = 'docs';

const folder = mkdtempSync(join(tmpdir(), 'flywheel-rehearsed-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('settings that are rehearsed', () => {
  test('are those of the file, with charts from a folder', () => {
    const own = readSettings(exampleFile('tinyland'));
    const file = writeSettings(folder, rehearsedSettings(exampleFile('tinyland'), CHARTS));
    expect(readSettings(file)).toEqual({ ...own, charts: { ...own.charts, mirror: CHARTS } });
  });

  test('trust no signing pair that the rehearsal does not have', () => {
    const { attic, ...rest } = rehearsedSettings(exampleFile('tinyland'), CHARTS);
    const publicKey = 'main:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
    const caches = { ...attic?.caches, main: { ...attic?.caches?.main, publicKey } };
    const file = writeSettings(folder, { ...rest, attic: { ...attic, caches } }, 'keys.yaml');
    expect(readSettings(file).attic.caches.main?.publicKey).toBe(publicKey);
    expect(rehearsedSettings(file, CHARTS).attic?.caches?.main).not.toHaveProperty('publicKey');
  });

  test('are refused where they are wrong', () => {
    const file = writeSettings(folder, { cluster: 1 }, 'wrong.yaml');
    expect(() => rehearsedSettings(file, CHARTS)).toThrow(`${file}:1:10  cluster must be`);
  });
});
