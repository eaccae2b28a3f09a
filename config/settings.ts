import * as z from 'zod';
import { attic, bazelCache, substituters } from './schema/caches.ts';
import { cluster, dns, monitoring, namespaces, organization } from './schema/cluster.ts';
import { charts, dashboard, images, protection, waivers } from './schema/dashboard.ts';
import { runners } from './schema/runners.ts';
import { objectStore, state } from './schema/storage.ts';

/** Everything an organization says about its installation, one key for each part. */
export const settingsSchema = z
  .strictObject({
    organization,
    cluster,
    namespaces,
    state,
    objectStore,
    attic,
    bazelCache,
    substituters,
    runners,
    dashboard,
    monitoring,
    dns,
    images,
    charts,
    protection,
    waivers,
  })
  .describe('Everything an organization says about its installation.');

/** Settings as read, complete with every default. */
export type Settings = z.output<typeof settingsSchema>;
