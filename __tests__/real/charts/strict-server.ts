import {
  type Api,
  ApiRefusal,
  type KubeObject,
} from '../../../operations/rehearsal/cluster/api.ts';
import type { JsonObject } from '../../../policy/model/json.ts';
import { eventually } from '../../support/cluster-objects.ts';

const DRY = 'dryRun=All&fieldValidation=Strict';

interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly namespaced: boolean;
}

interface CustomType extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const TYPES = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** An API server that is asked what it would do with objects, and takes no field that it does not know. */
export class StrictServer {
  private readonly api: Api;
  private readonly installed = new Set<string>();
  private readonly known = new Map<string, Promise<readonly Resource[]>>();

  constructor(api: Api) {
    this.api = api;
  }

  /** Its version, without v. */
  async version(): Promise<string> {
    const { gitVersion } = await this.api.get<{ gitVersion: string }>('/version');
    return gitVersion.slice(1);
  }

  /** Installs the types that a chart brings, and waits until they are served. */
  async install(types: readonly JsonObject[]): Promise<void> {
    for (const type of types) {
      const name = nameOf(type);
      if (this.installed.has(name)) continue;
      await this.api.ensure(`${TYPES}?fieldValidation=Strict`, type);
      await eventually(`the type ${name}`, async () => {
        const { status } = await this.api.get<CustomType>(`${TYPES}/${name}`);
        const established = status?.conditions?.find((one) => one.type === 'Established');
        return established?.status === 'True' ? true : undefined;
      });
      this.installed.add(name);
    }
    this.known.clear();
  }

  /** Makes sure of a namespace, so that objects can be asked about in it. */
  ensureNamespace(name: string): Promise<void> {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    return this.api.ensure('/api/v1/namespaces', object);
  }

  /**
   * Asks the server to take an object in and to forget it: defaults, validation and admission are all gone through.
   *
   * @returns why it is refused, `no such type`, or nothing
   */
  async refusalOf(object: JsonObject, namespace: string): Promise<string | undefined> {
    const path = await this.pathOf(object, namespace);
    if (path === undefined) return 'no such type';
    const refusal = await answerTo(() => this.api.create(`${path}?${DRY}`, object));
    if (refusal?.status !== 409) return refusal?.message;
    // One of that name is there already, so the question is whether it may become this one.
    const change = () => this.api.patch(`${path}/${nameOf(object)}?${DRY}`, object);
    return (await answerTo(change))?.message;
  }

  private async pathOf(object: JsonObject, namespace: string): Promise<string | undefined> {
    const version = String(object.apiVersion);
    const base = version.includes('/') ? `/apis/${version}` : `/api/${version}`;
    const resources = await this.resources(base);
    const resource = resources.find(
      ({ kind, name }) => kind === object.kind && !name.includes('/'),
    );
    if (resource === undefined) return undefined;
    if (!resource.namespaced) return `${base}/${resource.name}`;
    const own = (object.metadata as { namespace?: string }).namespace ?? namespace;
    return `${base}/namespaces/${own}/${resource.name}`;
  }

  private resources(base: string): Promise<readonly Resource[]> {
    const asked =
      this.known.get(base) ??
      this.api
        .find<{ resources?: readonly Resource[] }>(base)
        .then((answer) => answer?.resources ?? []);
    this.known.set(base, asked);
    return asked;
  }
}

async function answerTo(question: () => Promise<unknown>): Promise<ApiRefusal | undefined> {
  try {
    await question();
    return undefined;
  } catch (error) {
    if (error instanceof ApiRefusal) return error;
    throw error;
  }
}

/** `Kind name`, as people call an object. */
export function calledOf(object: JsonObject): string {
  return `${object.kind} ${nameOf(object)}`;
}

function nameOf(object: JsonObject): string {
  return String((object.metadata as { name?: string }).name);
}
