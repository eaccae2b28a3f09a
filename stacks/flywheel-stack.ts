import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js';
import { S3Backend, TerraformElement, TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { StateLocation } from '../backend/state-location.ts';
import { factsOf } from '../constructs/facts.ts';
import { SECRET_KINDS } from '../values/secret-ref.ts';
import { mergeFragments, mergeInto, Settler } from './fragments.ts';

/** The oldest OpenTofu that has everything the stacks use, and the first that could break them. */
const REQUIRED_TOFU = '>= 1.12.0, < 2.0.0';

/**
 * What every stack has: its place in the state store, its providers, its versions, the Secrets it expects.
 *
 * Providers are configured by the environment alone (`KUBE_CONFIG_PATH`, `KUBE_CTX`, or the service account of the pod),
 * so that nothing private and nothing of this machine stands in the JSON.
 */
export class FlywheelStack extends TerraformStack {
  /** Where the state of this stack lives. */
  readonly state: StateLocation;

  private readonly overrides: Record<string, unknown> = {};
  private readonly startedAt = process.hrtime.bigint();
  private definedAfterMs = 0;
  private renderedInMs = 0;

  constructor(scope: Construct, id: string, state: StateLocation) {
    super(scope, id);
    this.state = state;
    this.defineBackend();
    new KubernetesProvider(this, 'kubernetes', {});
    new HelmProvider(this, 'helm', {});
    this.addOverride('terraform.required_version', REQUIRED_TOFU);
    if (state.encryption !== undefined) {
      this.addOverride('terraform.encryption', state.encryption);
    }
  }

  /** Names a value that a person or a script needs after the apply. */
  protected output(id: string, value: unknown, description: string): void {
    new TerraformOutput(this, id, { value, description });
  }

  /** How long the stack took to define and to render. */
  get milliseconds(): number {
    return this.definedAfterMs + this.renderedInMs;
  }

  /** Lists the Secrets that the constructs of this stack refer to; called when all are defined. */
  protected outputRequiredSecrets(): void {
    this.definedAfterMs = millisecondsSince(this.startedAt);
    const secrets = new Map(factsOf(this, 'secret').map((secret) => [String(secret), secret]));
    this.output(
      'required_secrets',
      [...secrets.keys()].sort().map((name) => {
        const { kind, namespace, name: secretName, keys } = secrets.get(name) ?? never(name);
        return { namespace, name: secretName, kind, keys, origin: SECRET_KINDS[kind].origin };
      }),
      'The Secrets that must exist for this stack to run: namespace, name, kind, keys, and who makes each',
    );
  }

  /** Sets anything at all in the JSON of the stack, by its path. */
  override addOverride(path: string, value: unknown): void {
    super.addOverride(path, value);
    const nested = path
      .split('.')
      .reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
    mergeInto(this.overrides, nested as Record<string, unknown>);
  }

  /** A first resolving pass only serves references between stacks, which do not exist here. */
  override prepareStack(): void {
    this.ensureBackendExists();
  }

  /**
   * @throws Error always: stacks share names through the settings and never read each other's state.
   */
  override registerOutgoingCrossStackReference(identifier: string): TerraformOutput {
    throw new Error(
      `${this.node.id}: ${identifier} is used by another stack; share its name through the settings`,
    );
  }

  /**
   * The same JSON that CDKTF makes, in one pass.
   *
   * CDKTF resolves every value three times. Nearly all of ours are plain, so here a value is walked once and only what
   * really holds a token goes to the resolver.
   */
  override toTerraform(): Record<string, unknown> {
    const startedAt = process.hrtime.bigint();
    const rendered = this.render();
    this.renderedInMs = millisecondsSince(startedAt);
    return rendered;
  }

  private render(): Record<string, unknown> {
    const elements = this.node.findAll().filter(TerraformElement.isTerraformElement);
    const settler = new Settler(this);
    const outputs = elements.filter(TerraformOutput.isTerraformOutput);
    const metadata = mergeFragments([
      {
        version: this.node.tryGetContext('cdktfVersion'),
        stackName: this.node.id,
        backend: 'local',
        overrides: { stack: Object.keys(this.overrides) },
      },
      ...elements.map((element) => settler.settle(element.toMetadata())),
    ]);
    const outputIds = mergeFragments(
      outputs.map((output) => ({ [this.node.id]: { [output.node.id]: output.friendlyUniqueId } })),
    );
    return mergeFragments([
      { '//': { metadata, outputs: outputIds } },
      ...elements.map((element) => settler.settle(element.toTerraform())),
      settler.settle(this.overrides),
    ]);
  }

  private defineBackend(): void {
    const backend = new S3Backend(this, {
      bucket: this.state.bucket,
      key: this.state.key,
      region: this.state.region,
      usePathStyle: this.state.pathStyle,
      skipCredentialsValidation: true,
      skipMetadataApiCheck: true,
      skipRegionValidation: true,
      skipRequestingAccountId: true,
    });
    backend.addOverride('use_lockfile', true);
  }
}

/** By the clock of the process, which unlike `performance` is there without loading anything. */
function millisecondsSince(startedAt: bigint): number {
  return Number(process.hrtime.bigint() - startedAt) / 1e6;
}

function never(name: string): never {
  throw new Error(`${name} is listed and not there`);
}
