import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildTools } from '../../../operations/tools/build-command.ts';
import { explained } from '../../../operations/tools/file-trouble.ts';
import { show } from '../../../operations/tools/progress.ts';
import { FakeMachine } from './fake-machine.ts';
import { RecordingPrinter } from './recording-printer.ts';

let machine: FakeMachine;
beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

const PLAIN = { write: () => true };

async function buildOn(names: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const printer = new RecordingPrinter();
  const place = machine.place(settings);
  const code = await buildTools(names, { printer, terminal: PLAIN, place });
  return { code, results: printer.results, problems: printer.problems };
}

describe('building', () => {
  test('makes what is missing, one after the other, and then nothing', async () => {
    expect(await buildOn(['etcd', 'kubernetes'])).toEqual({
      code: 0,
      results: [
        '[1/4] etcd 3.6.5: building',
        '[1/4] etcd 3.6.5: built in N s',
        '[2/4] kube-apiserver 1.36.3: building',
        '[2/4] kube-apiserver 1.36.3: built in N s',
        '[3/4] kube-controller-manager 1.36.3: building',
        '[3/4] kube-controller-manager 1.36.3: built in N s',
        '[4/4] kube-scheduler 1.36.3: building',
        '[4/4] kube-scheduler 1.36.3: built in N s',
        '4 programs: 4 built',
      ],
      problems: [],
    });
    expect(machine.files).toEqual([
      expect.stringMatching(/^etcd\/[0-9a-f]{16}-1\.26\.8\/etcd$/),
      expect.stringMatching(/^kubernetes\/[0-9a-f]{16}-1\.26\.8\/kube-apiserver$/),
      expect.stringMatching(/^kubernetes\/[0-9a-f]{16}-1\.26\.8\/kube-controller-manager$/),
      expect.stringMatching(/^kubernetes\/[0-9a-f]{16}-1\.26\.8\/kube-scheduler$/),
    ]);
    expect(await buildOn(['etcd', 'kubernetes'])).toEqual({
      code: 0,
      results: ['nothing to build: 4 programs: 4 built'],
      problems: [],
    });
    expect(machine.log.length).toBe(4);
  });

  test('tells Go that the pins bind, and the linker what the program is', async () => {
    await buildOn(['kube-scheduler', 'tofu', 'helm', 'versitygw'], { GOFLAGS: '-mod=mod' });
    const given = machine.log.map((line) => line.replace(/-o \S+/, '-o OUT'));
    const component = '-X k8s.io/component-base/version';
    expect(given).toEqual([
      '-mod=readonly off 0 build -trimpath -ldflags -w -s -X github.com/opentofu/opentofu/version.dev=no -o OUT github.com/opentofu/opentofu/cmd/tofu',
      `-mod=readonly off 0 build -trimpath -ldflags -w -s ${component}.gitVersion=v1.36.3 ${component}.gitMajor=1 ${component}.gitMinor=36 -o OUT k8s.io/kubernetes/cmd/kube-scheduler`,
      '-mod=readonly off 0 build -trimpath -ldflags -w -s -X main.Version=1.8.0 -o OUT github.com/versity/versitygw/cmd/versitygw',
      '-mod=readonly off 0 build -trimpath -ldflags -w -s -X helm.sh/helm/v3/internal/version.version=v3.21.4 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=36 -X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=36 -o OUT helm.sh/helm/v3/cmd/helm',
    ]);
  });

  test('without a name makes all but what takes very long, and leaves what is on PATH', async () => {
    machine.install('etcd', '#!/bin/sh\necho etcd Version: 3.6.5\n');
    const { code, results } = await buildOn([]);
    expect(code).toBe(0);
    expect(results.at(-1)).toBe('12 programs: 11 built, 1 on PATH');
    expect(results[0]).toBe('[1/11] tofu 1.12.6: building');
    expect(results.filter((line) => /etcd|rustfs|promtool/.test(line))).toEqual([]);
  });

  test('removes the build of an older pin, and that of no other tool', async () => {
    await buildOn(['etcd', 'kwok']);
    const [etcd, kwok] = machine.files;
    machine.repin('etcd', 'v3.6.5', 'v3.6.6');
    expect((await buildOn(['etcd'])).results.at(-1)).toBe('1 program: 1 built');
    expect(machine.files).toEqual([expect.not.stringMatching(etcd ?? ''), kwok]);
  });

  test('keeps the build of an older pin when the new one cannot be built', async () => {
    await buildOn(['etcd']);
    const before = machine.files;
    machine.repin('etcd', 'v3.6.5', 'v3.6.6');
    expect((await buildOn(['etcd'], { FAKE_FAILS: 'etcd' })).code).toBe(1);
    expect(machine.files).toEqual(before);
  });
});

describe('a failure', () => {
  test('of one program shows the end of what the compiler says, and the others are built', async () => {
    expect(await buildOn(['etcd', 'kwok'], { FAKE_FAILS: 'etcd' })).toEqual({
      code: 1,
      results: [
        '[1/2] etcd 3.6.5: building',
        '[1/2] etcd 3.6.5: failed after N s',
        '[2/2] kwok 0.8.0: building',
        '[2/2] kwok 0.8.0: built in N s',
        '2 programs: 1 built, 1 missing',
      ],
      problems: [
        'etcd could not be built: the compiler ended with an error\n    # go.etcd.io/etcd/server/v3\n    main.go:1:1: syntax error',
      ],
    });
    expect(machine.files).toEqual([expect.stringMatching(/^kwok\//)]);
  });

  test.each([
    ['write /tmp/x: no space left on device', 'the disk is full: free some and run it again'],
    [
      'go: updates to go.mod needed; to update it: go mod tidy',
      'the pins do not bind all that is needed: run go mod tidy in its folder, and read what changes',
    ],
    [
      'go: x@v1: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host',
      'what it is built from could not be fetched: is the network there, and GOPROXY right?',
    ],
  ])('that says %s is explained', async (complaint, sentence) => {
    const { problems } = await buildOn(['etcd'], {
      FAKE_FAILS: 'etcd',
      FAKE_COMPLAINT: complaint,
    });
    expect(problems[0]?.split('\n')[0]).toBe(`etcd could not be built: ${sentence}`);
    expect(problems[0]).toContain(`\n    ${complaint}`);
  });

  test('to say the pinned version keeps a program from its place', async () => {
    const { code, problems } = await buildOn(['etcd'], { FAKE_SAYS: '3.6.4' });
    expect(code).toBe(1);
    expect(problems).toEqual([
      'etcd could not be built: it says that it is 3.6.4, and should say 3.6.5\n    its row in operations/tools/programs.ts no longer fits it',
    ]);
    expect(machine.files).toEqual([]);
  });

  test('for want of Go is said once', async () => {
    rmSync(join(machine.bin, 'go'));
    expect(await buildOn(['etcd', 'kwok'])).toEqual({
      code: 1,
      results: ['2 programs: 2 missing'],
      problems: [
        'Go is not on PATH\n    install Go 1.26.6 or newer (https://go.dev/dl), or put the pinned versions on PATH (just tools-list)\n    not built: etcd, kwok',
      ],
    });
  });

  test('for a Go that is too old and may not fetch another is said before anything is built', async () => {
    const { code, problems } = await buildOn(['etcd'], { FAKE_GO_VERSION: '1.25.9' });
    expect(code).toBe(1);
    expect(problems).toEqual([
      `${join(machine.bin, 'go')} is Go 1.25.9, older than 1.26.6\n    install Go 1.26.6 or newer (https://go.dev/dl), or put the pinned versions on PATH (just tools-list)\n    not built: etcd`,
    ]);
    expect(machine.log).toEqual([]);
  });

  test('for want of a current Rust or of protoc is said', async () => {
    const rust = await buildOn(['rustfs']);
    expect(rust.problems[0]).toMatch(/^Rust is not on PATH\n {4}install Rust 1\.98\.1 or newer/);
    machine.install('rustc', '#!/bin/sh\necho "rustc 1.99.0 (abc 2026-10-01)"\n');
    machine.install('cargo', '#!/bin/sh\n');
    const protoc = await buildOn(['rustfs']);
    expect(protoc).toMatchObject({ code: 1 });
    expect(protoc.problems[0]).toMatch(
      /^rustfs could not be built: protoc is not on PATH: install the Protocol Buffers compiler/,
    );
  });

  test('to know a name offers the nearest', async () => {
    await expect(buildOn(['etdc'])).rejects.toMatchObject({
      message: expect.stringMatching(/^there is no tool etdc: did you mean etcd\?\n {4}known are /),
      exitCode: 64,
    });
  });

  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the quota of the disk is used up'],
    ['EROFS', 'the disk can only be read'],
    ['EACCES', 'it is not yours to write'],
  ])('of the file system, %s, is a sentence', (code, sentence) => {
    const error = Object.assign(new Error(code), { code });
    expect(String(explained('.tools', error))).toContain(
      `nothing can be written to .tools: ${sentence}\n    `,
    );
  });

  test('to make the folder is a sentence', async () => {
    writeFileSync(machine.built, 'a file');
    await expect(buildOn(['etcd'])).rejects.toMatchObject({
      message: `nothing can be written to ${machine.built}: a file is in the way\n    move it away`,
      exitCode: 1,
    });
  });
});

describe('the crate', () => {
  test('is built by Cargo with its own lock file, and goes on where it was interrupted', async () => {
    machine.install('rustc', '#!/bin/sh\necho "rustc 1.98.1 (abc 2026-10-01)"\n');
    machine.install('protoc', '#!/bin/sh\n');
    const cargo = `#!/bin/sh
echo "$*" >> "$FAKE_FOLDER/log"
mkdir -p "$CARGO_TARGET_DIR"
if ! [ -e "$CARGO_TARGET_DIR/half" ]; then echo > "$CARGO_TARGET_DIR/half"; echo stopped >&2; exit 101; fi
mkdir -p "$8/bin"
printf '#!/bin/sh\\necho rustfs 1.0.1\\n' > "$8/bin/rustfs"
chmod +x "$8/bin/rustfs"
`;
    machine.install('cargo', cargo);
    expect((await buildOn(['rustfs'])).code).toBe(1);
    expect(machine.files).toEqual(['rustfs/target/half']);
    expect(await buildOn(['rustfs'])).toMatchObject({ code: 0, problems: [] });
    expect(machine.files).toEqual([
      expect.stringMatching(/^rustfs\/[0-9a-f]{16}-1\.98\.1\/rustfs$/),
    ]);
    expect(machine.log[1]?.replace(machine.built, '')).toBe(
      'install rustfs --version =1.0.1 --locked --no-track --root /unfinished',
    );
  });
});

describe('progress', () => {
  test('on a terminal is one line that is written over each second', () => {
    vi.useFakeTimers();
    try {
      const written: string[] = [];
      const printer = new RecordingPrinter();
      const terminal = { isTTY: true, write: (text: string) => written.push(text) };
      const shown = show('[1/2] etcd', printer, terminal);
      vi.advanceTimersByTime(2000);
      shown.end('built in');
      vi.advanceTimersByTime(5000);
      expect(written).toEqual([
        '\r\u001B[K[1/2] etcd: building, 0 s',
        '\r\u001B[K[1/2] etcd: building, 1 s',
        '\r\u001B[K[1/2] etcd: building, 2 s',
        '\r\u001B[K',
      ]);
      expect(printer.results).toEqual(['[1/2] etcd: built in N s']);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('what an ended build has left is no obstacle', async () => {
  mkdirSync(join(machine.built, 'unfinished', 'bin'), { recursive: true });
  writeFileSync(join(machine.built, 'unfinished', 'bin', 'etcd'), 'half');
  expect((await buildOn(['etcd'])).code).toBe(0);
  expect(machine.files).toEqual([expect.stringMatching(/^etcd\//)]);
});
