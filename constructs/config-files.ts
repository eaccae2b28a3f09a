import type { ConfigMapV1Config } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js';
import { Construct } from 'constructs';
import { Resource } from './binding.ts';
import { canonicalJson } from './canonical-json.ts';
import { CONFIG_MAP } from './kubernetes.ts';
import type { ManagedNamespace } from './namespace/managed-namespace.ts';

/** Files that a program reads when it starts. Never a secret: a ConfigMap is readable by everyone who reads pods. */
export class ConfigFiles extends Construct {
  /** The name of the ConfigMap. */
  readonly name: string;

  /** The ConfigMap, for `dependsOn` and `addOverride`. */
  readonly configMap: Resource<ConfigMapV1Config>;

  /** All of the text, so that a change of it can restart the program. */
  readonly text: string;

  constructor(
    scope: Construct,
    id: string,
    props: {
      readonly namespace: ManagedNamespace;
      readonly name: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly files: Readonly<Record<string, string>>;
    },
  ) {
    super(scope, id);
    this.name = props.name;
    this.text = canonicalJson(props.files);
    this.configMap = new Resource(this, 'Resource', CONFIG_MAP, {
      metadata: {
        name: props.name,
        namespace: props.namespace.name,
        ...(props.labels === undefined ? {} : { labels: { ...props.labels } }),
      },
      data: { ...props.files },
      dependsOn: [props.namespace.release],
    });
  }
}
