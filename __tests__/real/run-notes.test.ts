import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { adopt } from '../../backend/recovery/commands/adopt.ts';
import { recover } from '../../backend/recovery/commands/recover.ts';
import type { RunNote } from '../../backend/witness/run-note.ts';
import { apply } from '../../backend/tofu/commands/apply.ts';
import { deploy } from '../../backend/tofu/commands/deploy.ts';
import { output } from '../../backend/tofu/commands/output.ts';
import { plan } from '../../backend/tofu/commands/plan.ts';
import { unlock } from '../../backend/tofu/commands/unlock.ts';
import { readSettings } from '../../config/read-settings.ts';
import { missingPrograms } from '../../operations/rehearsal/cluster/installed.ts';
import { type Launched, launchCluster } from '../../operations/rehearsal/cluster/launch.ts';
import { type OwnCluster, ownCluster } from '../../operations/rehearsal/cluster/own-cluster.ts';
import { missingOf } from '../../operations/rehearsal/installed.ts';
import { type RunningStore, startStore } from '../../operations/rehearsal/store/store.ts';
import { exampleFile } from '../support/examples.ts';
import { bundleDriver, DriverProcess } from './authority/driver-process.ts';
import { DriverStack, resources, waiting } from './driver-stack.ts';
import { stateIdentity } from './tofu-folder.ts';

const NAME = `run-notes-${process.pid}`;
const STACK = 'arc-runners';
const TYPED = ['--confirm', STACK];
const OBJECT = '/api/v1/namespaces/flywheel-state/configmaps/flywheel-state-witness';
const OUTPUT = { output: { greeting: { value: 'hello' } } };
const missing = [...(await missingPrograms()), ...(await missingOf(['tofu', 'versitygw']))];

describe.skipIf(missing.length > 0)(
  `an apply that was killed, and its machine is gone${missing.length > 0 ? ` (not run: ${missing.join('; ')})` : ''}`,
  () => {
    let launched: Launched;
    let own: OwnCluster;
    let store: RunningStore;
    const machines: DriverStack[] = [];

    beforeAll(async () => {
      const settings = exampleFile('minimal');
      launched = await launchCluster({ name: NAME, settings });
      own = await ownCluster(NAME);
      store = await startStore({ kind: 'versitygw', settings: readSettings(settings) });
      await bundleDriver();
    }, 180_000);
    afterEach(async () => {
      for (const machine of machines.splice(0)) {
        await machine.forget();
        machine.remove();
      }
      await own.api.patch?.(OBJECT, {});
    });
    afterAll(async () => {
      own?.api.close();
      await store?.stop();
      await launched?.stop();
    });

    /** A machine of its own: checkout and memory; store and cluster are the same. */
    function machine(): DriverStack {
      const made = new DriverStack({ endpoint: store.endpoint, keys: stateIdentity(store) }, STACK);
      machines.push(made);
      const { name } = readSettings(made.environment.FLYWHEEL_CONFIG ?? '').cluster;
      const kubeconfig = join(made.home, 'kubeconfig');
      const text = readFileSync(own.kubeconfig, 'utf8');
      writeFileSync(kubeconfig, text.replaceAll(own.context, name), { mode: 0o600 });
      made.environment.KUBE_CONFIG_PATH = kubeconfig;
      made.write(resources({ one: 'first' }), OUTPUT);
      return made;
    }
  },
);
