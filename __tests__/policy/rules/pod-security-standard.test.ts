import { describe, expect, test } from 'vitest';
import { violations } from '../../../policy/rules/pod-security-standard.ts';
import type { Json } from '../good/parts.ts';

type Verdict = 'admitted' | 'refused';
type Change = (spec: Json, container: Json, context: Json) => void;

const admitted = 'admitted';
const refused = 'refused';

/**
 * What the admission of kube-apiserver 1.36.3 says of each pod, asked by a dry run in namespaces that enforce `baseline` and
 * `restricted` at the version `latest`. That server refuses privileged containers altogether, so those two lines are from the
 * text of the standards.
 */
const VERDICTS: readonly (readonly [string, Verdict, Verdict, Change])[] = [
  ['nothing changed', admitted, admitted, () => {}],
  [
    'a privileged container',
    refused,
    refused,
    (_s, _c, x) => Object.assign(x, { privileged: true }),
  ],
  ['the network of the node', refused, refused, (s) => Object.assign(s, { hostNetwork: true })],
  ['the processes of the node', refused, refused, (s) => Object.assign(s, { hostPID: true })],
  ['the IPC of the node', refused, refused, (s) => Object.assign(s, { hostIPC: true })],
  ['a path of the node', refused, refused, (s) => volume(s, { hostPath: { path: '/tmp' } })],
  ['a port of the node', refused, refused, (_s, c) => port(c, 8080)],
  ['port 0 of the node, which is none', admitted, admitted, (_s, c) => port(c, 0)],
  ['CHOWN', admitted, refused, (_s, _c, x) => Object.assign(x.capabilities, { add: ['CHOWN'] })],
  ['NET_BIND_SERVICE', admitted, admitted, (_s, _c, x) => add(x, 'NET_BIND_SERVICE')],
  ['SYS_ADMIN', refused, refused, (_s, _c, x) => add(x, 'SYS_ADMIN')],
  [
    'only NET_RAW dropped',
    admitted,
    refused,
    (_s, _c, x) => Object.assign(x.capabilities, { drop: ['NET_RAW'] }),
  ],
  ['no capability dropped', admitted, refused, (_s, _c, x) => delete x.capabilities],
  [
    'privilege escalation left open',
    admitted,
    refused,
    (_s, _c, x) => delete x.allowPrivilegeEscalation,
  ],
  ['root left open', admitted, refused, (s) => delete s.securityContext.runAsNonRoot],
  [
    'no root by the container alone',
    admitted,
    admitted,
    (s, _c, x) => {
      delete s.securityContext.runAsNonRoot;
      x.runAsNonRoot = true;
    },
  ],
  [
    'no root, taken back by the container',
    admitted,
    refused,
    (_s, _c, x) => Object.assign(x, { runAsNonRoot: false }),
  ],
  [
    'user 0 of the pod',
    admitted,
    refused,
    (s) => Object.assign(s.securityContext, { runAsUser: 0 }),
  ],
  ['user 0 of the container', admitted, refused, (_s, _c, x) => Object.assign(x, { runAsUser: 0 })],
  [
    'user 0 of the pod, overridden by the container',
    admitted,
    refused,
    (s, _c, x) => {
      s.securityContext.runAsUser = 0;
      x.runAsUser = 5;
    },
  ],
  ['no seccomp profile', admitted, refused, (s) => delete s.securityContext.seccompProfile],
  [
    'seccomp by the container alone',
    admitted,
    admitted,
    (s, _c, x) => {
      delete s.securityContext.seccompProfile;
      x.seccompProfile = { type: 'RuntimeDefault' };
    },
  ],
  ['seccomp off for the pod', refused, refused, (s) => seccomp(s.securityContext, 'Unconfined')],
  ['seccomp off for the container', refused, refused, (_s, _c, x) => seccomp(x, 'Unconfined')],
  [
    'a seccomp profile of the node',
    admitted,
    admitted,
    (s) => seccomp(s.securityContext, 'Localhost'),
  ],
  [
    'a safe kernel parameter',
    admitted,
    admitted,
    (s) => sysctl(s, 'net.ipv4.ip_unprivileged_port_start'),
  ],
  ['an unsafe kernel parameter', refused, refused, (s) => sysctl(s, 'kernel.msgmax')],
  [
    'the SELinux type of init containers',
    admitted,
    admitted,
    (s) => seLinux(s.securityContext, { type: 'container_init_t' }),
  ],
  [
    'the SELinux type of engines',
    admitted,
    admitted,
    (s) => seLinux(s.securityContext, { type: 'container_engine_t' }),
  ],
  [
    'a foreign SELinux type',
    refused,
    refused,
    (s) => seLinux(s.securityContext, { type: 'spc_t' }),
  ],
  ['an SELinux user', refused, refused, (_s, _c, x) => seLinux(x, { user: 'u' })],
  [
    'AppArmor off',
    refused,
    refused,
    (_s, _c, x) => Object.assign(x, { appArmorProfile: { type: 'Unconfined' } }),
  ],
  [
    'AppArmor of the runtime',
    admitted,
    admitted,
    (_s, _c, x) => Object.assign(x, { appArmorProfile: { type: 'RuntimeDefault' } }),
  ],
  [
    'a probe of another host',
    refused,
    refused,
    (_s, c) => Object.assign(c, { livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } }),
  ],
  [
    'a TCP probe of another host',
    refused,
    refused,
    (_s, c) =>
      Object.assign(c, { readinessProbe: { tcpSocket: { port: 80, host: 'example.org' } } }),
  ],
  [
    'a hook that calls another host',
    refused,
    refused,
    (_s, c) =>
      Object.assign(c, { lifecycle: { preStop: { httpGet: { port: 80, host: '10.0.0.1' } } } }),
  ],
  [
    'a probe of the pod itself',
    admitted,
    admitted,
    (_s, c) => Object.assign(c, { livenessProbe: { httpGet: { port: 80 } } }),
  ],
  ['an NFS volume', admitted, refused, (s) => volume(s, { nfs: { server: 's', path: '/p' } })],
  ['an image as a volume', admitted, admitted, (s) => volume(s, { image: { reference: 'x:1' } })],
  [
    'every volume that is allowed',
    admitted,
    admitted,
    (s) => {
      const kinds = [
        'configMap',
        'csi',
        'downwardAPI',
        'emptyDir',
        'ephemeral',
        'persistentVolumeClaim',
        'projected',
        'secret',
      ];
      s.volumes = kinds.map((kind) => ({ name: kind.toLowerCase(), [kind]: {} }));
    },
  ],
  [
    'an init container that says nothing',
    admitted,
    refused,
    (s) => Object.assign(s, { initContainers: [{ name: 'i' }] }),
  ],
  [
    'a privileged sidecar',
    refused,
    refused,
    (s) =>
      Object.assign(s, {
        initContainers: [
          { name: 'i', restartPolicy: 'Always', securityContext: { privileged: true } },
        ],
      }),
  ],
  [
    'nothing said at all',
    admitted,
    refused,
    (s) => {
      delete s.securityContext;
      s.containers = [{ name: 'c' }];
    },
  ],
  ['a user namespace', admitted, admitted, (s) => Object.assign(s, { hostUsers: false })],
  [
    'a user namespace and all capabilities',
    admitted,
    refused,
    (s, _c, x) => {
      s.hostUsers = false;
      delete x.capabilities;
    },
  ],
  ['/proc as usual', admitted, admitted, (_s, _c, x) => Object.assign(x, { procMount: 'Default' })],
];

describe('the Pod Security Standards', () => {
  test.each(VERDICTS)(
    '%s is judged as the API server judges it',
    (_, baseline, restricted, change) => {
      const spec = goodSpec();
      change(spec, spec.containers[0], spec.containers[0].securityContext);
      expect([verdict('baseline', spec), verdict('restricted', spec)]).toEqual([
        baseline,
        restricted,
      ]);
      expect(violations('privileged', { spec, annotations: {} })).toEqual([]);
    },
  );

  test('an annotation of old turns AppArmor off as well', () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' };
    expect(violations('baseline', { spec: goodSpec(), annotations })).toEqual([
      'AppArmor is unconfined by the annotation container.apparmor.security.beta.kubernetes.io/c',
    ]);
  });

  test('host processes of Windows are refused', () => {
    const spec = goodSpec();
    spec.securityContext.windowsOptions = { hostProcess: true };
    expect(violations('baseline', { spec, annotations: {} })).toEqual(['runs host processes']);
  });

  test.each([
    ['baseline', { procMount: 'Unmasked' }, 'container c unmasks /proc'],
    ['restricted', { runAsUser: 0 }, 'c runs as user 0'],
    ['restricted', { runAsNonRoot: false }, 'container c does not set runAsNonRoot'],
  ] as const)(
    '%s refuses even in a user namespace what only recent servers let be: %o',
    (level, context, problem) => {
      const spec = { ...goodSpec(), hostUsers: false };
      Object.assign(spec.containers[0].securityContext, context);
      expect(violations(level, { spec, annotations: {} })).toEqual([problem]);
    },
  );
});

function goodSpec(): Json {
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'c',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}

function verdict(level: 'baseline' | 'restricted', spec: Json): Verdict {
  return violations(level, { spec, annotations: {} }).length === 0 ? admitted : refused;
}

function volume(spec: Json, source: Json): void {
  spec.volumes = [{ name: 'v', ...source }];
}

function port(container: Json, hostPort: number): void {
  container.ports = [{ containerPort: 80, hostPort }];
}

function add(context: Json, capability: string): void {
  context.capabilities.add = [capability];
}

function seccomp(context: Json, type: string): void {
  context.seccompProfile = { type };
}

function sysctl(spec: Json, name: string): void {
  spec.securityContext.sysctls = [{ name, value: '0' }];
}

function seLinux(context: Json, options: Json): void {
  context.seLinuxOptions = options;
}
