import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { readSettings } from '../../../config/read-settings.ts';

/** Settings as a file holds them, before anything is known of them. */
export interface RawSettings {
  attic?: { caches?: Record<string, { publicKey?: string } | null> };
  [key: string]: unknown;
}

/**
 * The settings of a file as they are rehearsed: with charts from a folder, and without the public halves of signing pairs, since
 * the pairs of a rehearsal are its own.
 *
 * @throws InvalidFile for settings that are refused
 */
export function rehearsedSettings(file: string, charts: string): RawSettings {
  readSettings(file);
  const settings = parse(readFileSync(file, 'utf8')) as RawSettings;
  for (const cache of Object.values(settings.attic?.caches ?? {})) delete cache?.publicKey;
  return { ...settings, charts: { mirror: charts } };
}

/** Writes settings into a folder. */
export function writeSettings(folder: string, settings: object, name = 'settings.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, stringify(settings));
  return file;
}
