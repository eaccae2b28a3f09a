import type { V1Container, V1EnvVar, V1Pod, V1Volume } from '@kubernetes/client-node';

/** What exists in a cluster, as far as pods can name it. */
export interface Existing {
  /** Keys of a Secret, or undefined where there is none. */
  secret(namespace: string, name: string): ReadonlySet<string> | undefined;
  configMap(namespace: string, name: string): ReadonlySet<string> | undefined;
  /** Phase of a claim, or undefined where there is none. */
  claim(namespace: string, name: string): string | undefined;
  serviceAccount(namespace: string, name: string): boolean;
  priorityClass(name: string): boolean;
}

/** Something that a pod names and that is not there, as a kubelet would say it. */
export interface MissingReference {
  readonly reason: 'CreateContainerConfigError' | 'FailedMount' | 'ErrImagePull' | 'FailedCreate';
  /** The container that cannot start, or undefined when none can. */
  readonly container: string | undefined;
  readonly message: string;
}

/** Kinds that hold keys, and how kubelets call them. */
const KEYED = {
  secret: { name: 'secret', kind: 'Secret' },
  configMap: { name: 'configmap', kind: 'ConfigMap' },
} as const;

type KeyedKind = keyof typeof KEYED;

/** A Secret or ConfigMap, with the keys that are wanted of it. */
interface Wanted {
  readonly kind: KeyedKind;
  readonly name: string;
  readonly keys: readonly string[];
  readonly optional: boolean;
}

/** Built into every cluster, so never listed before it answers. */
const BUILT_IN_PRIORITY = /^system-/;

/** Everything that a pod names and that is not there. Without any, its containers can start. */
export function missingReferences(pod: V1Pod, existing: Existing): MissingReference[] {
  const namespace = pod.metadata?.namespace ?? 'default';
  const wanted = (reference: Wanted) => lack(reference, namespace, existing);
  const { volumes, initContainers, containers } = pod.spec ?? { containers: [] };
  return [
    ...missingIdentity(pod, namespace, existing),
    ...(volumes ?? []).flatMap((volume) => missingVolume(pod, volume, namespace, existing)),
    ...[...(initContainers ?? []), ...(containers ?? [])].flatMap((container) =>
      fromEnvironment(container)
        .flatMap(wanted)
        .map((message) => ({
          reason: 'CreateContainerConfigError' as const,
          container: container.name,
          message,
        })),
    ),
  ];
}

function missingIdentity(pod: V1Pod, namespace: string, existing: Existing): MissingReference[] {
  const { serviceAccountName, imagePullSecrets, priorityClassName } = pod.spec ?? {};
  const account = serviceAccountName ?? 'default';
  const priority = priorityClassName ?? '';
  const messages: [MissingReference['reason'], string | false][] = [
    [
      'FailedCreate',
      !existing.serviceAccount(namespace, account) && `serviceaccount "${account}" not found`,
    ],
    [
      'FailedCreate',
      priority !== '' &&
        !BUILT_IN_PRIORITY.test(priority) &&
        !existing.priorityClass(priority) &&
        `priorityclass "${priority}" not found`,
    ],
    ...(imagePullSecrets ?? []).map(({ name }): [MissingReference['reason'], string | false] => [
      'ErrImagePull',
      existing.secret(namespace, name ?? '') === undefined &&
        `image pull secret "${name}" not found: a private image cannot be pulled`,
    ]),
  ];
  return messages.flatMap(([reason, message]) =>
    message === false ? [] : [{ reason, container: undefined, message }],
  );
}

function fromEnvironment({ env, envFrom }: V1Container): Wanted[] {
  return [
    ...(env ?? []).flatMap(fromVariable),
    ...(envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
      ...wholeOf('secret', secretRef),
      ...wholeOf('configMap', configMapRef),
    ]),
  ];
}

function fromVariable({ valueFrom }: V1EnvVar): Wanted[] {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  return [...keyOf('secret', secretKeyRef), ...keyOf('configMap', configMapKeyRef)];
}

interface Source {
  readonly name?: string;
  readonly optional?: boolean;
}

function wholeOf(kind: KeyedKind, source: Source | undefined): Wanted[] {
  return source === undefined ? [] : [wantedOf(kind, source, [])];
}

function keyOf(kind: KeyedKind, source: (Source & { readonly key: string }) | undefined): Wanted[] {
  return source === undefined ? [] : [wantedOf(kind, source, [source.key])];
}

function wantedOf(kind: KeyedKind, source: Source, keys: readonly string[]): Wanted {
  return { kind, name: source.name ?? '', keys, optional: source.optional ?? false };
}

function itemKeys(items: readonly { readonly key: string }[] | undefined): string[] {
  return (items ?? []).map(({ key }) => key);
}

function missingVolume(
  pod: V1Pod,
  volume: V1Volume,
  namespace: string,
  existing: Existing,
): MissingReference[] {
  const messages = fromVolume(volume).flatMap((wanted) => lack(wanted, namespace, existing));
  const claim = claimOf(pod, volume);
  const phase = claim === undefined ? 'Bound' : existing.claim(namespace, claim);
  if (phase === undefined) messages.push(`persistentvolumeclaim "${claim}" not found`);
  else if (phase !== 'Bound') messages.push(`persistentvolumeclaim "${claim}" is not bound`);
  return messages.map((message) => ({
    reason: 'FailedMount',
    container: undefined,
    message: `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`,
  }));
}

/** The claim behind a volume; an ephemeral one has a claim that is named after pod and volume. */
function claimOf(pod: V1Pod, volume: V1Volume): string | undefined {
  if (volume.ephemeral !== undefined) return `${pod.metadata?.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

function fromVolume({ secret, configMap, projected, csi }: V1Volume): Wanted[] {
  const secretVolume = secret && { ...secret, name: secret.secretName };
  const sources = [{ secret: secretVolume, configMap }, ...(projected?.sources ?? [])];
  return [
    ...sources.flatMap((source) => [
      ...(source.secret ? [wantedOf('secret', source.secret, itemKeys(source.secret.items))] : []),
      ...(source.configMap
        ? [wantedOf('configMap', source.configMap, itemKeys(source.configMap.items))]
        : []),
    ]),
    ...wholeOf('secret', csi?.nodePublishSecretRef),
  ];
}

/** What is missing of a Secret or ConfigMap, in the words of a kubelet. */
function lack({ kind, name, keys, optional }: Wanted, namespace: string, existing: Existing) {
  if (optional) return [];
  const found = existing[kind](namespace, name);
  const words = KEYED[kind];
  if (found === undefined) return [`${words.name} "${name}" not found`];
  return keys
    .filter((key) => !found.has(key))
    .map((key) => `couldn't find key ${key} in ${words.kind} ${namespace}/${name}`);
}
