import type { Image } from '../../values/image.ts';
import { type Resources, resourceMap } from '../../values/resources.ts';
import { CONTROLLER, LISTENER } from './pod-sizes.ts';
import type { GithubPool } from './pool.ts';

/** The account of the controller image, in which listeners run too. */
const UID = 65_532;

/** Ports of controller and listeners. */
export const ARC_METRICS_PORT = 8080;
const HEALTH_PORT = 8081;

const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: UID,
  runAsGroup: UID,
  fsGroup: UID,
  seccompProfile: { type: 'RuntimeDefault' },
};

const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** What the chart of the controller has to know. */
export interface ControllerValues {
  readonly account: string;
  readonly image: Image;
  readonly priorityClass: string;
  readonly pullSecret: string | undefined;
  readonly metrics: boolean;
}

/**
 * The values of the chart `gha-runner-scale-set-controller`. Its pods, and those of the listeners it makes, meet the Pod
 * Security Standard `restricted`.
 *
 * The image goes in as repository and `tag@digest`: the chart joins the two with a colon, and hands the whole to the
 * controller as the image of listeners.
 */
export function controllerValues(controller: ControllerValues): Record<string, unknown> {
  const { image, pullSecret, metrics } = controller;
  return {
    replicaCount: 1,
    image: { repository: image.name, tag: image.tagAndDigest, pullPolicy: 'IfNotPresent' },
    ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
    serviceAccount: { create: true, name: controller.account },
    podSecurityContext: POD_SECURITY,
    securityContext: CONTAINER_SECURITY,
    resources: sizes(CONTROLLER),
    priorityClassName: controller.priorityClass,
    flags: {
      logLevel: 'info',
      logFormat: 'json',
      healthProbeBindAddress: `:${HEALTH_PORT}`,
    },
    ...(metrics
      ? {
          metrics: {
            controllerManagerAddr: `:${ARC_METRICS_PORT}`,
            listenerAddr: `:${ARC_METRICS_PORT}`,
            listenerEndpoint: '/metrics',
          },
        }
      : {}),
  };
}

/** What the chart of a scale set has to know besides the pool itself. */
export interface ScaleSetValues {
  readonly pool: GithubPool;
  /** The account of the controller. The chart would look for it in the cluster, which a plan cannot. */
  readonly controller: { readonly namespace: string; readonly account: string };
  readonly listenerPriorityClass: string;
  readonly template: unknown;
}

/**
 * The values of the chart `gha-runner-scale-set`. Nothing here is a secret.
 *
 * The mode dind is not said to the chart: the template has all of its parts.
 */
export function scaleSetValues(values: ScaleSetValues): Record<string, unknown> {
  const { pool, controller, listenerPriorityClass, template } = values;
  return {
    githubConfigUrl: pool.url,
    githubConfigSecret: pool.appSecret,
    runnerScaleSetName: pool.label,
    runnerGroup: pool.runnerGroup,
    minRunners: pool.runners.min,
    maxRunners: pool.runners.max,
    controllerServiceAccount: { namespace: controller.namespace, name: controller.account },
    ...containerMode(pool),
    listenerTemplate: {
      spec: {
        securityContext: POD_SECURITY,
        priorityClassName: listenerPriorityClass,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 60,
        containers: [
          // Another name would make it a second container beside the listener.
          { name: 'listener', securityContext: CONTAINER_SECURITY, resources: sizes(LISTENER) },
        ],
      },
    },
    template,
  };
}

function containerMode({ containerMode: type, workVolume }: GithubPool) {
  if (type === 'kubernetes-novolume') return { containerMode: { type } };
  if (type !== 'kubernetes') return {};
  const { size, storageClass } = workVolume;
  return {
    containerMode: {
      type,
      kubernetesModeWorkVolumeClaim: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
        resources: { requests: { storage: String(size) } },
      },
    },
  };
}

function sizes({ requests, limits }: Resources) {
  return { requests: resourceMap(requests), limits: resourceMap(limits) };
}
