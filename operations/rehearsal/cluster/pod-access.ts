import { chmodSync, mkdirSync } from 'node:fs';
import { stringify } from 'yaml';
import type { DeclaredObject } from './api.ts';

/**
 * What may be run in a pod: programs that only read, and that start no other. kwok runs them on this machine itself, so the
 * list is short and nothing on it writes.
 */
const EXEC_COMMANDS = ['cat', 'df', 'head', 'ls', 'sha256sum', 'stat', 'test', 'wc'] as const;

const POLICY = 'rehearsal-exec';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** Where logs and exec of the pods come from. */
export interface PodAccessFolder {
  readonly path: string;
  file(name: string): string;
  write(name: string, text: string): string;
}

/** The folder that commands see as the root of every pod. Tests and rehearsals of an incident put files there. */
export function podRoot(folder: PodAccessFolder): string {
  return folder.file('pods');
}

/** The folder of the only programs that kwok finds by their name. */
export function commandFolder(folder: PodAccessFolder): string {
  return folder.file('commands');
}

/** The file that holds the port of this machine which stands for every port of every pod. Without it none is open. */
export function podPort(folder: PodAccessFolder): string {
  return folder.file('pod-port');
}

/** Joins what comes over a forwarded port with the port that the file names now. */
const FORWARD = `import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
const socket = connect(Number(readFileSync(process.argv[2], 'utf8')), '127.0.0.1');
socket.on('error', () => process.exit(1));
process.stdin.pipe(socket);
socket.pipe(process.stdout);
`;

/** Writes what logs, exec and forwarded ports need, and returns what kwok has to read of it. */
export function writePodAccess(folder: PodAccessFolder): string {
  // One line as container runtimes write it.
  const line = `${new Date().toISOString()} stdout F no container runs in a rehearsal cluster\n`;
  const log = folder.write('pod-log', line);
  mkdirSync(podRoot(folder), { recursive: true, mode: 0o700 });
  mkdirSync(commandFolder(folder), { recursive: true, mode: 0o700 });
  for (const name of EXEC_COMMANDS) {
    chmodSync(folder.write(`commands/${name}`, wrapper(name, podRoot(folder))), 0o700);
  }
  const forward = folder.write('forward.mjs', FORWARD);
  const words = [process.execPath, forward, podPort(folder)].map(quoted).join(' ');
  chmodSync(folder.write('commands/forward', `#!/bin/sh\nexec ${words}\n`), 0o700);
  const documents = [
    setting('ClusterPortForward', { forwards: [{ command: ['forward'] }] }),
    setting('ClusterLogs', { logs: [{ logsFile: log }] }),
    setting('ClusterExec', { execs: [{ local: { workDir: podRoot(folder) } }] }),
  ];
  return documents.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}

function setting(kind: string, spec: object) {
  return { apiVersion: 'kwok.x-k8s.io/v1alpha1', kind, metadata: { name: 'all' }, spec };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Turns paths of a pod into paths below the folder that stands for its disk. */
function wrapper(name: string, root: string): string {
  return `#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
root=${quoted(root)}
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  case $word in /*) word=$root$word ;; esac
  set -- "$@" "$word"
  left=$((left - 1))
done
exec ${name} "$@" </dev/null
`;
}

/**
 * Lets the API server refuse every other command, on every cluster: by name alone, and with no way up from the folder. A name
 * with a slash would not be looked up among ours.
 */
export function execPolicyObjects(): DeclaredObject[] {
  const names = EXEC_COMMANDS.map((name) => `'${name}'`).join(', ');
  const refusal = `a rehearsal cluster runs only ${EXEC_COMMANDS.join(', ')} in a pod, with no path that goes up`;
  const kind = 'ValidatingAdmissionPolicy';
  const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: POLICY } };
  return [
    {
      path: `${ADMISSION}/validatingadmissionpolicies`,
      object: {
        ...head,
        kind,
        spec: {
          failurePolicy: 'Fail',
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [''],
                apiVersions: ['v1'],
                operations: ['CONNECT'],
                resources: ['pods/exec', 'pods/attach'],
              },
            ],
          },
          validations: [
            {
              expression: `has(object.command) && object.command[0] in [${names}] && object.command.all(word, !word.contains('..'))`,
              message: refusal,
              reason: 'Forbidden',
            },
          ],
        },
      },
    },
    {
      path: `${ADMISSION}/validatingadmissionpolicybindings`,
      object: {
        ...head,
        kind: `${kind}Binding`,
        spec: { policyName: POLICY, validationActions: ['Deny'] },
      },
    },
  ];
}
