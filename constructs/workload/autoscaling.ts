import type { HorizontalPodAutoscalerV2Config } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2/index.js';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { Resource } from '../binding.ts';
import { HORIZONTAL_POD_AUTOSCALER } from '../kubernetes.ts';

/** Bounds of a workload that follows its load. */
export interface Autoscaling {
  readonly min: number;
  readonly max: number;
  /** CPU use, in percent of the request, above which it grows. */
  readonly cpuPercent: number;
  /** Memory use, in percent of the request, above which it grows. */
  readonly memoryPercent: number;
}

/** Five minutes of calm before it shrinks, so that a short lull does not cost the next burst its pods. */
const CALM_SEC = 300;

/**
 * Grows at once, by at most all or four pods in 15 s, and shrinks after five minutes by at most 10 % or two a minute.
 */
export function defineAutoscaler(
  scope: Construct,
  id: string,
  props: {
    readonly metadata: HorizontalPodAutoscalerV2Config['metadata'] & { readonly name: string };
    /** What is scaled: the workload of the same name. */
    readonly kind: 'Deployment' | 'StatefulSet';
    readonly scaling: Autoscaling;
    readonly dependsOn: ITerraformDependable[];
  },
): Resource<HorizontalPodAutoscalerV2Config> {
  const { metadata, kind, scaling } = props;
  return new Resource(scope, id, HORIZONTAL_POD_AUTOSCALER, {
    metadata,
    spec: {
      minReplicas: scaling.min,
      maxReplicas: scaling.max,
      scaleTargetRef: { apiVersion: 'apps/v1', kind, name: metadata.name },
      metric: [
        utilization('cpu', scaling.cpuPercent),
        utilization('memory', scaling.memoryPercent),
      ],
      behavior: {
        scaleUp: [
          {
            stabilizationWindowSeconds: 0,
            selectPolicy: 'Max',
            policy: policies(100, 4, 15),
          },
        ],
        scaleDown: [
          {
            stabilizationWindowSeconds: CALM_SEC,
            selectPolicy: 'Max',
            policy: policies(10, 2, 60),
          },
        ],
      },
    },
    dependsOn: props.dependsOn,
  });
}

function utilization(name: string, averageUtilization: number) {
  return {
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  };
}

function policies(percent: number, pods: number, periodSeconds: number) {
  return [
    { type: 'Percent', value: percent, periodSeconds },
    { type: 'Pods', value: pods, periodSeconds },
  ];
}
