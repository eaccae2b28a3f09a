import { type ClusterNetwork, type Flow, internetFlow, tcp } from './flows.ts';

const HTTPS_PORT = 443;

/** A place that gives out jobs, as pods reach it. */
export interface Forge {
  readonly url: string;
  /** Its private addresses; empty where it is on the internet. */
  readonly cidrs: readonly string[];
}

/** The port of a forge's address. */
export function forgePort({ url }: Pick<Forge, 'url'>): number {
  const { port } = new URL(url);
  return port === '' ? HTTPS_PORT : Number(port);
}

/** The ways to forges, which lie on the internet or at the private addresses that were named for them. */
export function forgeFlows(network: ClusterNetwork, ...forges: readonly Forge[]): Flow[] {
  const ports = portsOf(forges);
  return [
    ...(ports.length === 0 ? [] : [internetFlow(network, ...ports)]),
    ...privateForgeFlows(...forges),
  ];
}

/** The ways to the private addresses of forges. */
export function privateForgeFlows(...forges: readonly Forge[]): Flow[] {
  const own = forges.filter(({ cidrs }) => cidrs.length > 0);
  const cidrs = [...new Set(own.flatMap((forge) => forge.cidrs))];
  return cidrs.length === 0
    ? []
    : [{ peer: { kind: 'addresses', cidrs }, ports: tcp(...portsOf(own)) }];
}

function portsOf(forges: readonly Forge[]): number[] {
  return [...new Set(forges.map(forgePort))].sort((left, right) => left - right);
}
