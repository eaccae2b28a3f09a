import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diskStanding, diskView } from '../../../backend/rustfs/disk-view.ts';
import type {
  ContainerPlace,
  ExecResult,
  PodConnection,
} from '../../../backend/rustfs/pod-connection.ts';
import { Failure } from '../../../console/failure.ts';
import { ONE_REPLICA, podOf } from './evidence-of.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flywheel-disk-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Pods whose disks are folders here, and whose programs are those of this machine. */
class FolderPods implements PodConnection {
  readonly commands: string[] = [];

  exec({ pod }: ContainerPlace, [program = '', ...args]: readonly string[]): Promise<ExecResult> {
    this.commands.push([program, ...args].join(' '));
    const own = args.map((word) => (word.startsWith('/') ? join(folder, pod, word) : word));
    return new Promise((resolve) => {
      execFile(program, own, (error, stdout, stderr) =>
        resolve({ succeeded: error === null, stdout, complaint: stderr }),
      );
    });
  }

  log(): Promise<string> {
    return Promise.reject(new Failure('there is none'));
  }
}

function marker(pod: string, ...path: readonly string[]): void {
  mkdirSync(join(folder, pod, ...path), { recursive: true });
}

function bucketOn(pod: string, bucket: string): void {
  marker(pod, 'data', bucket);
  marker(pod, 'data', '.rustfs.sys', 'buckets', bucket);
}

describe('the view of the disk', () => {
  test('lists the markers of buckets, and none of the folders of the system (R1)', async () => {
    const pods = new FolderPods();
    bucketOn('store-0', 'tofu-state');
    marker('store-0', 'data', '.rustfs.sys', 'buckets', '.usage');
    marker('store-0', 'data', '.rustfs.sys', 'tmp');
    marker('store-0', 'data', 'lost+found');
    const view = await diskView(ONE_REPLICA, [podOf(0, 'bumble')], pods);
    expect(view).toEqual({
      seen: [{ pod: 'store-0', drive: '/data', data: ['tofu-state'], metadata: ['tofu-state'] }],
    });
    expect(pods.commands.every((command) => command.startsWith('ls -1a /data'))).toBe(true);
  });

  test.each([
    [['data', 'metadata'], 'present'],
    [['data'], 'partial'],
    [['metadata'], 'partial'],
    [[], 'absent'],
  ] as const)('finds a bucket of which there is %j to be %s', async (markers, standing) => {
    bucketOn('store-0', 'attic');
    if (markers.some((each) => each === 'data')) marker('store-0', 'data', 'tofu-state');
    if (markers.some((each) => each === 'metadata'))
      marker('store-0', 'data', '.rustfs.sys', 'buckets', 'tofu-state');
    const view = await diskView(ONE_REPLICA, [podOf(0, 'bumble')], new FolderPods());
    expect(diskStanding(view, 'tofu-state')).toBe(standing);
  });

  test('finds a bucket that one of two pods has lost to be there in part', async () => {
    bucketOn('store-0', 'tofu-state');
    bucketOn('store-1', 'attic');
    const pods = [podOf(0, 'n1'), podOf(1, 'n2')];
    const view = await diskView(ONE_REPLICA, pods, new FolderPods());
    expect(diskStanding(view, 'tofu-state')).toBe('partial');
  });

  test('is unknown, and not empty, where one drive cannot be looked at', async () => {
    bucketOn('store-0', 'tofu-state');
    const pods = [podOf(0, 'n1'), podOf(1, 'n2')];
    const view = await diskView(ONE_REPLICA, pods, new FolderPods());
    expect(view).toMatchObject({ notSeen: expect.stringContaining('ls /data in pod store-1:') });
    expect(diskStanding(view, 'tofu-state')).toBe('unknown');
  });

  test('is unknown where no pod runs', async () => {
    const pods = [{ ...podOf(0, 'n1'), phase: 'Pending' }];
    expect(await diskView(ONE_REPLICA, pods, new FolderPods())).toEqual({
      notSeen: 'no pod of the store is running',
    });
  });
});
