import {
  asObject,
  asObjects,
  asText,
  asTextMap,
  at,
  type JsonObject,
} from '../../policy/model/json.ts';
import { type KubernetesObject, specOf } from '../../policy/model/kubernetes-object.ts';
import { bad, type Check, good } from '../kubernetes/check.ts';
import { objectPath } from '../kubernetes/cluster-client.ts';
import type { Subject } from './subject.ts';

const STORAGE = 'storage.k8s.io/v1';
const NETWORKING = 'networking.k8s.io/v1';
const CERT_MANAGER = 'cert-manager.io/v1';
const ISSUER_ANNOTATION = 'cert-manager.io/cluster-issuer';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Who brings the types that nobody here does. */
const BRINGERS: Readonly<Record<string, string>> = {
  'cert-manager.io':
    'install cert-manager, or say cluster.certManager.installed: false in the settings',
  'monitoring.coreos.com':
    'install the Prometheus Operator, or say monitoring.enabled: false in the settings',
};

/** The oldest API server whose kubelets run an init container beside the others, which some pods of the charts rely on. */
const OLDEST_MINOR = 29;

/** The API server is new enough for what the stacks define. */
export async function apiVersion({ client }: Subject): Promise<Check[]> {
  const version = (await client.get('/version')) ?? {};
  const text = asText(version.gitVersion) ?? '';
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(text) ?? [];
  const isNew = Number(major) > 1 || (Number(major) === 1 && Number(minor) >= OLDEST_MINOR);
  return [
    isNew
      ? good('api-version', text)
      : bad(
          'api-version',
          `the API server is ${text === '' ? 'of no known version' : text}`,
          `upgrade it to 1.${OLDEST_MINOR} or newer: the pods of the runner charts have containers that run beside the others from the start`,
        ),
  ];
}

/** Every type of object is served, or comes with a chart of the stack. */
export async function customTypes({ objects, types }: Subject): Promise<Check[]> {
  const wanted = new Map(
    objects.map((object) => [`${object.apiVersion} ${object.kind}`, object] as const),
  );
  const absent = [...wanted.values()].filter(
    ({ apiVersion: version, kind }) =>
      !types.isServed(version, kind) && !types.isBrought(version, kind),
  );
  if (absent.length === 0) {
    return [
      good('types', `all ${wanted.size} types of object are served, or come with the charts`),
    ];
  }
  return absent.map((object) => typeCheck(object));
}

function typeCheck({ apiVersion: version, kind, address }: KubernetesObject): Check {
  const group = version.split('/')[0] ?? '';
  const fix = Object.hasOwn(BRINGERS, group) ? BRINGERS[group] : undefined;
  return bad(
    'types',
    `the API server knows no ${kind} of ${version}, which ${address} needs`,
    fix ?? `install what brings ${version}, or upgrade the API server`,
  );
}

/** Every storage class that a claim names is there, unless the stack makes it. */
export async function storageClasses({ defined, objects, client }: Subject): Promise<Check[]> {
  const claimed = [...new Set(objects.flatMap(classesOf))];
  if (claimed.length === 0) return [good('storage-class', 'the stack claims no volume')];
  const own = new Set<string | undefined>(defined.ofKind('StorageClass').map(({ name }) => name));
  const live = asObjects((await client.get(objectPath(STORAGE, 'storageclasses')))?.items);
  return claimed.map((name) => {
    if (own.has(name)) return good('storage-class', `${name}: the stack makes it`);
    return name === undefined ? defaultClass(live) : namedClass(name, live);
  });
}

function namedClass(name: string, live: readonly JsonObject[]): Check {
  const names = live.map(nameIn);
  return names.includes(name)
    ? good('storage-class', name)
    : bad(
        'storage-class',
        `a claim names the class ${name}, and ${whatIsThere(names)}`,
        `make the class ${name}, or name another in the settings`,
      );
}

function defaultClass(live: readonly JsonObject[]): Check {
  const usual = live.find(
    (item) => asTextMap(at(item, 'metadata', 'annotations'))[DEFAULT_CLASS] === 'true',
  );
  return usual === undefined
    ? bad(
        'storage-class',
        `a claim names no class, and the cluster has no default; ${whatIsThere(live.map(nameIn))}`,
        'name one under cluster.storageClass, or make one the default',
      )
    : good('storage-class', `${nameIn(usual)}: the default of the cluster`);
}

function nameIn(item: JsonObject): string {
  return asText(at(item, 'metadata', 'name')) ?? '';
}

function whatIsThere(names: readonly string[]): string {
  return names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
}

/** The classes that an object claims volumes of; undefined for the default of the cluster. */
function classesOf(object: KubernetesObject): (string | undefined)[] {
  const named = (spec: unknown, key: string) => {
    const name = asText(at(spec, key));
    return name === '' ? [] : [name];
  };
  if (object.kind === 'PersistentVolumeClaim') return named(object.body.spec, 'storageClassName');
  if (object.kind === 'StatefulSet') {
    return asObjects(specOf(object, 'volumeClaimTemplates')).flatMap(({ spec }) =>
      named(spec, 'storageClassName'),
    );
  }
  if (object.kind === 'Cluster' && object.apiVersion.startsWith('postgresql.cnpg.io/')) {
    return ['storage', 'walStorage'].flatMap((volume) => {
      const spec = specOf(object, volume);
      return spec === undefined ? [] : named(spec, 'storageClass');
    });
  }
  return [];
}

/** The class of every ingress is there. */
export async function ingressClasses({ defined, client }: Subject): Promise<Check[]> {
  const names = new Set(
    defined.ofKind('Ingress').flatMap((object) => asText(specOf(object, 'ingressClassName')) ?? []),
  );
  if (names.size === 0) return [good('ingress-class', 'the stack has no ingress')];
  const list = asObjects((await client.get(objectPath(NETWORKING, 'ingressclasses')))?.items);
  const live = list.map(nameIn);
  return [...names].map((name) =>
    live.includes(name)
      ? good('ingress-class', name)
      : bad(
          'ingress-class',
          `the ingresses are of class ${name}, and ${whatIsThere(live)}`,
          'install the ingress controller, or name another class under cluster.ingress.class',
        ),
  );
}

/** The issuer of every certificate is there and ready. */
export async function certificateIssuers({ defined, client }: Subject): Promise<Check[]> {
  const names = new Set(
    defined.ofKind('Ingress').flatMap(({ annotations }) => annotations[ISSUER_ANNOTATION] ?? []),
  );
  if (names.size === 0) return [good('certificate-issuer', 'the stack asks for no certificate')];
  const checks: Check[] = [];
  for (const name of names) {
    const issuer = await client.get(objectPath(CERT_MANAGER, 'clusterissuers', { name }));
    checks.push(issuerCheck(name, issuer));
  }
  return checks;
}

function issuerCheck(name: string, issuer: unknown): Check {
  if (issuer === undefined) {
    return bad(
      'certificate-issuer',
      `there is no ClusterIssuer ${name}, so public names get no certificate`,
      'install cert-manager and make the issuer, or name another under cluster.certManager.issuer',
    );
  }
  const ready = asObjects(at(issuer, 'status', 'conditions')).find(({ type }) => type === 'Ready');
  return ready?.status === 'False'
    ? bad(
        'certificate-issuer',
        `the ClusterIssuer ${name} is not ready: ${asText(ready.message) ?? 'it does not say why'}`,
        `kubectl describe clusterissuer ${name}`,
      )
    : good('certificate-issuer', name);
}

/** Every node that pods of the stack are bound to is there. */
export async function boundNodes({ defined, client }: Subject): Promise<Check[]> {
  const hosts = defined.pods.flatMap(
    ({ spec }) => asTextMap(asObject(spec.nodeSelector))['kubernetes.io/hostname'] ?? [],
  );
  const names = [...new Set(hosts)].sort();
  if (names.length === 0) return [good('nodes', 'no pod is bound to one node')];
  const list = asObjects((await client.get(objectPath('v1', 'nodes')))?.items);
  const live = list.map((item) => asText(at(item, 'metadata', 'labels', 'kubernetes.io/hostname')));
  return names.map((name) =>
    live.includes(name)
      ? good('nodes', name)
      : bad(
          'nodes',
          `pods are bound to the node ${name}, and there is none with that kubernetes.io/hostname`,
          'name the right node in the settings (objectStore.node), or label it',
        ),
  );
}
