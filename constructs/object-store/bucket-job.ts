import { readdirSync, readFileSync } from 'node:fs';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Endpoint } from '../../values/endpoint.ts';
import type { Image } from '../../values/image.ts';
import { resources } from '../../values/resources.ts';
import type { SecretRef } from '../../values/secret-ref.ts';
import { ConfigFiles } from '../config-files.ts';
import type { ManagedNamespace } from '../namespace/managed-namespace.ts';
import { projectPath } from '../project-path.ts';
import type { ClusterNetwork, Flow } from '../workload/flows.ts';
import type { Mount, Volume } from '../workload/pod.ts';
import { Task } from '../workload/task.ts';
import type { BucketRequest } from './bucket-request.ts';
import { type BucketRules, bucketDeclaration } from './bucket-rules.ts';
import type { BucketCredentials } from './store-access.ts';

const SCRIPTS_FOLDER = 'constructs/object-store/ensure-buckets';
const SCRIPT = 'ensure-buckets.mjs';
const DECLARATION = 'buckets.json';
const MOUNTED_SCRIPTS = '/ensure-buckets';
const MOUNTED_CREDENTIALS = '/credentials';
const UID = 1000;
const READY_WITHIN_SEC = 300;
const DEADLINE_SEC = 900;

/** A bucket with all that is declared of it. */
export interface DeclaredBucket {
  readonly request: BucketRequest;
  readonly rules: BucketRules;
  readonly credentials: BucketCredentials;
}

/** Settings of a {@link BucketJob}. */
export interface BucketJobProps {
  readonly namespace: ManagedNamespace;
  readonly name: string;
  readonly partOf: string;
  /** The image of Node.js. */
  readonly image: Image;
  readonly network: ClusterNetwork;
  readonly endpoint: Endpoint<'pod'>;
  readonly region: string;
  readonly root: SecretRef<'object-store-root'>;
  readonly buckets: readonly DeclaredBucket[];
  /** Another number is another Job. */
  readonly credentialsGeneration: number;
  /** The way to the store. */
  readonly flow: Flow;
  readonly pullSecret?: string | undefined;
  /** What has to exist before it runs. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/**
 * Makes buckets and access identities what they are declared to be.
 *
 * It runs once for each version of the declaration. Nothing here can see that a Secret was written anew, so a number
 * says it: with another one it runs again and makes the store agree.
 */
export class BucketJob extends Construct {
  readonly task: Task;

  constructor(scope: Construct, id: string, props: BucketJobProps) {
    super(scope, id);
    const { namespace, name, root, buckets } = props;
    const files = new ConfigFiles(this, 'files', {
      namespace,
      name,
      files: { ...scripts(), [DECLARATION]: declaration(buckets) },
    });
    const secrets = [root, ...buckets.map(({ credentials }) => credentials)];
    this.task = new Task(this, 'job', {
      namespace,
      name,
      labels: { component: 'buckets', partOf: props.partOf },
      network: props.network,
      to: [props.flow],
      uid: UID,
      deadlineSec: DEADLINE_SEC,
      pullSecret: props.pullSecret,
      containers: [
        {
          name: 'ensure-buckets',
          image: props.image,
          command: ['node', `${MOUNTED_SCRIPTS}/${SCRIPT}`],
          environment: [
            { name: 'BUCKETS_FILE', value: `${MOUNTED_SCRIPTS}/${DECLARATION}` },
            { name: 'CREDENTIALS_FOLDER', value: MOUNTED_CREDENTIALS },
            { name: 'READY_WITHIN_SEC', value: String(READY_WITHIN_SEC) },
            { name: 'ROOT_SECRET', value: root.name },
            { name: 'STORE_ENDPOINT', value: String(props.endpoint) },
            { name: 'STORE_REGION', value: props.region },
          ],
          resources: resources(['50m', '500m'], ['64Mi', '256Mi']),
          mounts: [{ volume: 'scripts', path: MOUNTED_SCRIPTS }, ...secrets.map(secretMount)],
        },
      ],
      volumes: [
        { name: 'scripts', kind: 'config', configMap: files.name },
        ...secrets.map(secretVolume),
      ],
      restartOn: {
        files: files.text,
        credentials: String(props.credentialsGeneration),
      },
      dependsOn: [files.configMap, ...props.dependsOn],
    });
  }
}

function scripts(): Record<string, string> {
  const folder = projectPath(SCRIPTS_FOLDER);
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')]),
  );
}

function declaration(buckets: readonly DeclaredBucket[]): string {
  return bucketDeclaration(
    buckets.map(({ request, rules, credentials }) => ({
      request,
      rules,
      secret: credentials.name,
    })),
  );
}

function secretMount({ name }: SecretRef): Mount {
  return { volume: name, path: `${MOUNTED_CREDENTIALS}/${name}` };
}

function secretVolume(secret: SecretRef): Volume {
  return {
    name: secret.name,
    kind: 'secret',
    secret,
    keys: ['access-key-id', 'secret-access-key'],
  };
}
