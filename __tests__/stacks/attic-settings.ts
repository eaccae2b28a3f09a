import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import type { Settings } from '../../config/settings.ts';
import { factsOf } from '../../constructs/facts.ts';
import { AtticStack } from '../../stacks/attic.ts';
import { parseCron6 } from '../../values/cron.ts';
import { Duration } from '../../values/duration.ts';
import { Endpoint } from '../../values/endpoint.ts';
import { exampleContext, type Json, named } from '../support/synthesized.ts';

/** Settings made of others. */
export type Change = (settings: Settings) => Settings;

/** The JSON of the stack for an example, changed where a test says so; the other stacks are not made. */
export function attic(example: string, change?: Change): Json {
  const outdir = mkdtempSync(join(tmpdir(), 'flywheel-attic-'));
  try {
    const app = new App({ outdir });
    new AtticStack(app, 'attic', exampleContext(example, change));
    app.synth();
    return JSON.parse(readFileSync(join(outdir, 'stacks', 'attic', 'cdk.tf.json'), 'utf8'));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** What the stack of an example says that a person should know. */
export function notesOf(example: string, change?: Change): string[] {
  const stack = new AtticStack(
    new App({ outdir: tmpdir() }),
    'attic',
    exampleContext(example, change),
  );
  return factsOf(stack, 'note').map(({ subject, note }) => `${subject}: ${note}`);
}

/** The objects that a release of ours holds. */
export function objectsOf(json: Json, releaseName: string): Json[] {
  return JSON.parse(named(json, 'helm_release', releaseName).values[0]).objects;
}

/** The settings with other ones for Attic. */
export function withAttic(
  change: (attic: Settings['attic']) => Partial<Settings['attic']>,
): Change {
  return (settings) => ({ ...settings, attic: { ...settings.attic, ...change(settings.attic) } });
}

/** The settings with another object store, or with parts of it changed. */
export function withStore(objectStore: object): Change {
  return (settings) => ({
    ...settings,
    objectStore: { ...settings.objectStore, ...objectStore } as Settings['objectStore'],
  });
}

/** Backups of the database, in its own store or in the one at the address. */
export function withBackup(endpoint?: string): Change {
  return withAttic(({ database }) => {
    if (database.kind !== 'cloudnative-pg') throw new Error(`the database is ${database.kind}`);
    const backup = {
      schedule: parseCron6('0 30 1 * * *'),
      retention: Duration.parse('retention', '30d'),
      bucket: 'pg-backup',
      endpoint: endpoint === undefined ? undefined : Endpoint.parse('pod', endpoint),
      region: 'eu-west-1',
    };
    return { database: { ...database, backup } };
  });
}
