import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StackState, stackState } from '../../../backend/stack-state.ts';
import type { StateMark } from '../../../backend/witness/state-mark.ts';
import { readSettings } from '../../../config/read-settings.ts';
import type { TestApiServer } from '../../support/api-server.ts';

export const SETTINGS = readSettings('config/tinyland.yaml');
export const LINEAGE = '8d3f6f0a-6f0e-4e3e-9c0f-3d5f1a7f2b11';
export const OTHER_LINEAGE = '11111111-6f0e-4e3e-9c0f-3d5f1a7f2b11';

/** A mark with a hash that follows from what makes it this one. */
export function mark(serial: number, over: Partial<StateMark> = {}): StateMark {
  return {
    lineage: LINEAGE,
    serial,
    hash: serial.toString(16).padStart(64, 'a'),
    at: '2026-11-20T10:00:00.000Z',
    by: 'ada@laptop',
    ...over,
  };
}

/** A home of its own, with or without a cluster named honey. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'flywheel-witness-'));
  readonly environment: NodeJS.ProcessEnv;

  constructor(server?: TestApiServer, context = 'honey') {
    const kubeconfig = join(this.folder, 'kubeconfig');
    if (server !== undefined) writeFileSync(kubeconfig, server.kubeconfig(context));
    this.environment = {
      HOME: this.folder,
      XDG_STATE_HOME: join(this.folder, 'state'),
      ...(server === undefined ? {} : { KUBE_CONFIG_PATH: kubeconfig }),
    };
  }

  state(stack = 'attic'): StackState {
    return stackState(stack, SETTINGS, this.environment);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
