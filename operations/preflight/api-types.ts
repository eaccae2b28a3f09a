import type { ChartSummary } from '../../policy/model/chart-summary.ts';
import { asObjects, asText, asTexts } from '../../policy/model/json.ts';
import { type ClusterClient, forEachOf, versionPath } from '../kubernetes/cluster-client.ts';

/** A type of object as the API names it in addresses and in rights. */
export interface ApiType {
  readonly group: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

/** Which types the API server serves, and which the charts of the stack bring. */
export class ApiTypes {
  private readonly served: ReadonlyMap<string, ApiType>;
  private readonly brought: ReadonlySet<string>;

  private constructor(served: ReadonlyMap<string, ApiType>, brought: ReadonlySet<string>) {
    this.served = served;
    this.brought = brought;
  }

  /** Asks the API server about some versions, one request each. */
  static async ask(
    client: ClusterClient,
    versions: readonly string[],
    charts: readonly ChartSummary[],
  ): Promise<ApiTypes> {
    const lists = await forEachOf([...new Set(versions)].sort(), async (version) => ({
      version,
      list: await client.get(versionPath(version)),
    }));
    const served = lists.flatMap(({ version, list }) =>
      asObjects(list?.resources).flatMap((type) => {
        const resource = asText(type.name) ?? '';
        // A part of another type, such as deployments/scale.
        if (resource.includes('/')) return [];
        const verbs = asTexts(type.verbs);
        if (verbs.length === 0) return [];
        const found = { group: groupOf(version), resource, namespaced: type.namespaced === true };
        return [[`${version} ${asText(type.kind)}`, found] as const];
      }),
    );
    return new ApiTypes(new Map(served), new Set(charts.flatMap(({ crds }) => crds)));
  }

  /** True when objects of this type can be made now. */
  isServed(apiVersion: string, kind: string): boolean {
    return this.served.has(`${apiVersion} ${kind}`);
  }

  /** True when a chart of the stack brings the type with it. */
  isBrought(apiVersion: string, kind: string): boolean {
    return this.brought.has(`${plural(kind)}.${groupOf(apiVersion)}`);
  }

  /** The type under which rights to such objects are given. */
  typeOf(apiVersion: string, kind: string, namespaced: boolean): ApiType {
    const known = this.served.get(`${apiVersion} ${kind}`);
    return known ?? { group: groupOf(apiVersion), resource: plural(kind), namespaced };
  }
}

/** `apps` of `apps/v1`; empty for the core. */
function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** The plural of a kind, as the types of Kubernetes and of charts form it. */
export function plural(kind: string): string {
  const lower = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
