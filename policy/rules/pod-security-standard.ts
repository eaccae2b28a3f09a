import {
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTexts,
  at,
  isObject,
  type JsonObject,
} from '../model/json.ts';

// The Pod Security Standards as the API server's admission reads them, at their latest version. What recent servers allow only to
// pods in a user namespace of their own is not allowed here: older ones refuse it.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/

/** What a pod is made of, as far as the standards look at it. */
export interface JudgedPod {
  /** The pod spec in the shape of the API. */
  readonly spec: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
}

interface NamedContainer {
  readonly name: string;
  readonly context: JsonObject;
  readonly body: JsonObject;
}

/** One rule of a standard: what breaks it in this pod, in words. */
type Check = (pod: JudgedPod, containers: readonly NamedContainer[]) => string[];

const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const SELINUX_TYPES = new Set([
  'container_engine_t',
  'container_init_t',
  'container_kvm_t',
  'container_t',
]);

const SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

const RESTRICTED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const HOOKS = ['postStart', 'preStop'] as const;
const APP_ARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const BASELINE: readonly Check[] = [
  function hostNamespaces({ spec }) {
    return ['hostNetwork', 'hostPID', 'hostIPC']
      .filter((field) => spec[field] === true)
      .map((field) => `sets ${field}`);
  },
  function hostProcess({ spec }, containers) {
    const contexts = [asObject(spec.securityContext), ...containers.map(({ context }) => context)];
    return contexts.some((context) => at(context, 'windowsOptions', 'hostProcess') === true)
      ? ['runs host processes']
      : [];
  },
  function privileged(_, containers) {
    return containers
      .filter(({ context }) => context.privileged === true)
      .map(({ name }) => `container ${name} is privileged`);
  },
  function addedCapabilities(_, containers) {
    return containers.flatMap(({ name, context }) =>
      capabilities(context, 'add')
        .filter((capability) => !BASELINE_CAPABILITIES.has(capability))
        .map((capability) => `container ${name} adds the capability ${capability}`),
    );
  },
  function hostPaths({ spec }) {
    return asObjects(spec.volumes)
      .filter((volume) => isObject(volume.hostPath))
      .map((volume) => `volume ${asText(volume.name)} is a path of the node`);
  },
  function hostPorts(_, containers) {
    return containers.flatMap(({ name, body }) =>
      asObjects(body.ports)
        .filter((port) => (asNumber(port.hostPort) ?? 0) !== 0)
        .map((port) => `container ${name} takes port ${port.hostPort} of the node`),
    );
  },
  function hostsOfProbes(_, containers) {
    return containers.flatMap(({ name, body }) => {
      const handlers = [
        ...PROBES.map((probe) => body[probe]),
        ...HOOKS.map((hook) => at(body, 'lifecycle', hook)),
      ];
      return handlers
        .flatMap((handler) => [at(handler, 'httpGet', 'host'), at(handler, 'tcpSocket', 'host')])
        .filter((host) => (asText(host) ?? '') !== '')
        .map((host) => `a probe or hook of container ${name} calls the host ${host}`);
    });
  },
  function appArmor({ spec, annotations }, containers) {
    const pod = asObject(spec.securityContext);
    const unconfined = [{ name: 'all', context: pod }, ...containers]
      .filter(({ context }) => at(context, 'appArmorProfile', 'type') === 'Unconfined')
      .map(({ name }) => `AppArmor is off for ${name}`);
    const annotated = Object.entries(annotations)
      .filter(([key]) => key.startsWith(APP_ARMOR_ANNOTATION))
      .filter(([, value]) => value !== 'runtime/default' && !value.startsWith('localhost/'))
      .filter(([, value]) => value !== '')
      .map(([key, value]) => `AppArmor is ${value} by the annotation ${key}`);
    return [...unconfined, ...annotated];
  },
  function seLinux({ spec }, containers) {
    const contexts = [asObject(spec.securityContext), ...containers.map(({ context }) => context)];
    return contexts.flatMap((context) => {
      const options = asObject(context.seLinuxOptions);
      const type = asText(options.type) ?? '';
      const foreign = type !== '' && !SELINUX_TYPES.has(type);
      return [
        ...(foreign ? [`the SELinux type is ${type}`] : []),
        ...['user', 'role']
          .filter((field) => (asText(options[field]) ?? '') !== '')
          .map((field) => `the SELinux ${field} is ${options[field]}`),
      ];
    });
  },
  function procMount(_, containers) {
    return containers
      .filter(({ context }) => (asText(context.procMount) ?? 'Default') !== 'Default')
      .map(({ name }) => `container ${name} unmasks /proc`);
  },
  function seccompOff({ spec }, containers) {
    const pod = asObject(spec.securityContext);
    return [{ name: 'the pod', context: pod }, ...containers]
      .filter(({ context }) => seccomp(context) === 'Unconfined')
      .map(({ name }) => `seccomp is off for ${name}`);
  },
  function sysctls({ spec }) {
    return asObjects(at(spec, 'securityContext', 'sysctls'))
      .map((sysctl) => asText(sysctl.name) ?? '')
      .filter((name) => !SYSCTLS.has(name))
      .map((name) => `sets the kernel parameter ${name}`);
  },
];

const RESTRICTED: readonly Check[] = [
  function volumeTypes({ spec }) {
    return asObjects(spec.volumes).flatMap((volume) => {
      const types = Object.keys(volume).filter((key) => key !== 'name');
      const foreign = types.filter((type) => !RESTRICTED_VOLUMES.has(type));
      return foreign.map((type) => `volume ${asText(volume.name)} is of the type ${type}`);
    });
  },
  function privilegeEscalation(_, containers) {
    return containers
      .filter(({ context }) => context.allowPrivilegeEscalation !== false)
      .map(({ name }) => `container ${name} does not set allowPrivilegeEscalation to false`);
  },
  function nonRoot({ spec }, containers) {
    const byPod = at(spec, 'securityContext', 'runAsNonRoot');
    return containers
      .filter(({ context }) => (context.runAsNonRoot ?? byPod) !== true)
      .map(({ name }) => `container ${name} does not set runAsNonRoot`);
  },
  function rootUser({ spec }, containers) {
    const pod = asObject(spec.securityContext);
    return [{ name: 'the pod', context: pod }, ...containers]
      .filter(({ context }) => asNumber(context.runAsUser) === 0)
      .map(({ name }) => `${name} runs as user 0`);
  },
  function seccompSet({ spec }, containers) {
    const byPod = seccomp(asObject(spec.securityContext));
    return containers
      .filter(
        ({ context }) => !['RuntimeDefault', 'Localhost'].includes(seccomp(context) ?? byPod ?? ''),
      )
      .map(({ name }) => `container ${name} has no seccomp profile`);
  },
  function droppedCapabilities(_, containers) {
    return containers.flatMap(({ name, context }) => [
      ...(capabilities(context, 'drop').includes('ALL')
        ? []
        : [`container ${name} does not drop all capabilities`]),
      ...capabilities(context, 'add')
        .filter((capability) => capability !== 'NET_BIND_SERVICE')
        .map((capability) => `container ${name} adds the capability ${capability}`),
    ]);
  },
];

const STANDARDS = {
  privileged: [],
  baseline: BASELINE,
  restricted: [...BASELINE, ...RESTRICTED],
} as const satisfies Record<string, readonly Check[]>;

/** What in a pod breaks the standard; nothing where it passes. */
export function violations(standard: keyof typeof STANDARDS, pod: JudgedPod): string[] {
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    asObjects(pod.spec[list]).map((body) => ({
      name: asText(body.name) ?? '',
      context: asObject(body.securityContext),
      body,
    })),
  );
  const found = STANDARDS[standard].flatMap((check) => check(pod, containers));
  return [...new Set(found)];
}

function capabilities(context: JsonObject, list: 'add' | 'drop'): readonly string[] {
  return asTexts(asList(at(context, 'capabilities', list)));
}

function seccomp(context: JsonObject): string | undefined {
  return asText(at(context, 'seccompProfile', 'type'));
}
