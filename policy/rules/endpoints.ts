import { isBindAddress, isClusterName, isLoopback } from '../../values/endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import { asNumber, asObject, asObjects, asText } from '../model/json.ts';
import { specOf } from '../model/kubernetes-object.ts';
import { walkValue } from '../model/text-walk.ts';
import type { Remark, Rule } from '../rule.ts';
import { type ConsumerLine, consumerLines } from './consumer-texts.ts';
import { type FoundUrl, urlsIn } from './urls.ts';

/** Where a server listens, in the words of many programs; the same address there is right. */
const LISTENS = /(^|[_.-])(listen|bind|laddr|addr|address|interface|no[_-]?proxy)s?([_.-]|$)/i;

/** What a program calls, in the words of many programs. */
const CALLS =
  /(endpoint|server|url|uri|remote|upstream|origin|proxy|substituters?|cache|executor)$/i;

/** Variables through which jobs reach the caches; the contract gives them addresses for pods. */
const FOR_PODS = new Set(['ATTIC_SERVER', 'BAZEL_REMOTE_CACHE', 'NIX_CONFIG', 'substituters']);

/** A bare host with or without a port, as some programs are told whom to call. */
const BARE_HOST = /^["']?(\[[0-9a-f:]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?["']?,?$/;

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** An address means another machine, or none, when it is read in another place than the one it was written for. */
export const consumerEndpoint: Rule = {
  id: 'consumer-endpoint',
  severity: 'error',
  meaning:
    'Every address reaches what it names from where it is read: no bind or loopback address for a consumer, no cluster name for people, no public name where pods have their own, and no Service that nobody defines.',
  *judge(cluster) {
    const services = servicePorts(cluster);
    const publicHosts = new Set(
      cluster
        .ofKind('Ingress')
        .flatMap(hostsOf)
        .filter((host) => !isClusterName(host)),
    );
    for (const line of consumerLines(cluster)) {
      for (const found of addressesIn(line)) {
        const remark =
          unreachable(line, found) ??
          publicInPod(line, found, publicHosts) ??
          missingService(cluster, services, line, found);
        if (remark !== undefined) yield remark;
      }
    }
    yield* forPeople(cluster);
  },
};

function addressesIn({ key, value }: ConsumerLine): FoundUrl[] {
  const urls = urlsIn(value);
  if (urls.length > 0 || !CALLS.test(key)) return urls;
  const [, host, port = ''] = BARE_HOST.exec(value.trim()) ?? [];
  return host === undefined
    ? []
    : [{ url: value.trim(), scheme: '', host: host.toLowerCase(), port }];
}

function unreachable(
  { resource, where, key, ownPorts }: ConsumerLine,
  { url, host, port }: FoundUrl,
): Remark | undefined {
  if (LISTENS.test(key)) return undefined;
  if (isBindAddress(host)) {
    return {
      resource,
      problem: `${where} is given ${url} to call, and that is where a server listens`,
      remedy: 'name the server: name.namespace.svc.cluster.local for a Service',
    };
  }
  if (!isLoopback(host) || ownPorts.has(Number(port))) return undefined;
  return {
    resource,
    problem: `${where} is given ${url} to call, and no container of its pod listens there`,
    remedy: 'loopback is the pod itself; name the server by its Service',
  };
}

function publicInPod(
  { resource, where, key, inJob }: ConsumerLine,
  { url, host }: FoundUrl,
  publicHosts: ReadonlySet<string>,
): Remark | undefined {
  if (!FOR_PODS.has(key) && !(inJob && /substituters/.test(key))) return undefined;
  if (host === 'flakehub.com' || host.endsWith('.flakehub.com')) {
    return {
      resource,
      problem: `${where} names ${url}, which publishes and never serves as a cache`,
      remedy: 'take FlakeHub out of the list of caches',
    };
  }
  if (!publicHosts.has(host)) return undefined;
  return {
    resource,
    problem: `${where} is given ${url}, the public name of a Service that pods reach by its cluster name`,
    remedy: 'give it the address for pods: http://name.namespace.svc.cluster.local',
  };
}

/** The ports of every Service, by `name.namespace`; undefined where any port may be right. */
type ServicePorts = ReadonlyMap<string, ReadonlySet<number> | undefined>;

function servicePorts({ ofKind }: Cluster): ServicePorts {
  const own = ofKind('Service').map((object) => {
    const ports = asObjects(specOf(object, 'ports')).flatMap((port) => asNumber(port.port) ?? []);
    return [`${object.name}.${object.namespace}`, new Set(ports)] as const;
  });
  const databases = ofKind('Cluster').flatMap(({ name, namespace }) =>
    ['r', 'ro', 'rw'].map((role) => [`${name}-${role}.${namespace}`, new Set([5432])] as const),
  );
  return new Map([...own, ...databases]);
}

function missingService(
  { namespaces }: Cluster,
  services: ServicePorts,
  { resource, where }: ConsumerLine,
  { url, scheme, host, port }: FoundUrl,
): Remark | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(\.|$)/.exec(host) ?? [];
  if (name === undefined || namespace === undefined || !namespaces.has(namespace)) return undefined;
  const ports = services.get(`${name}.${namespace}`);
  if (ports === undefined) {
    return {
      resource,
      problem: `${where} is given ${url}, and no stack defines a Service ${name} in ${namespace}`,
      remedy: 'name a Service that there is',
    };
  }
  const called = port === '' ? DEFAULT_PORTS[scheme] : Number(port);
  if (called === undefined || ports.has(called)) return undefined;
  return {
    resource,
    problem: `${where} is given ${url}, and the Service ${name} in ${namespace} has only the port ${[...ports].join(', ')}`,
    remedy: 'name a port of the Service',
  };
}

function hostsOf(ingress: Parameters<typeof specOf>[0]): string[] {
  return asObjects(specOf(ingress, 'rules')).flatMap((rule) => asText(rule.host) ?? []);
}

/** What people read: outputs that do not say that they are for pods, and public names. */
function* forPeople({ input, ofKind }: Cluster): Iterable<Remark> {
  const remarks: Remark[] = [];
  for (const { name: stack, json } of input.stacks) {
    for (const [id, output] of Object.entries(asObject(asObject(json).output))) {
      const address = `${stack}: output.${id}`;
      walkValue({ stack, address }, asObject(output).value, ({ path, text }) => {
        const pods = /pod/i.test(`${id} ${path}`);
        for (const { url, host } of urlsIn(text))
          remarks.push(...inOutput(address, url, host, pods));
      });
    }
  }
  yield* remarks;
  for (const ingress of ofKind('Ingress')) {
    for (const host of hostsOf(ingress).filter(isClusterName)) {
      yield {
        resource: ingress.address,
        problem: `the public name ${host} resolves only in the cluster`,
        remedy: 'give it a name below organization.domain',
      };
    }
  }
}

function* inOutput(resource: string, url: string, host: string, pods: boolean): Iterable<Remark> {
  if (isBindAddress(host) || isLoopback(host)) {
    yield {
      resource,
      problem: `${url} is an address of whatever machine it is read on`,
      remedy: 'name the server',
    };
  } else if (isClusterName(host) && !pods) {
    yield {
      resource,
      problem: `${url} resolves only in pods, and people read this output`,
      remedy: 'give the public address, or call the output one for pods',
    };
  } else if (pods && !isClusterName(host)) {
    yield {
      resource,
      problem: `${url} is not the address for pods that the name of the output promises`,
      remedy: 'give the address of the Service',
    };
  }
}
