import { stringify } from 'yaml';

/** Condition that our own gate sets on a pod when everything that the pod names is there. */
export const GATE_CONDITION = 'rehearsal/ReferencesExist';

const CONDITION = (type: string) =>
  `.status.conditions.[] | select( .type == "${type}" ) | .status`;

const ALIVE = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };

/** Jobs take a moment, so that "still running" can be seen. */
const JOB_MS = 300;

const HOST = `
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}`;

const ADDRESSES = `
{{ with PodIPsWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}`;

/** Init containers have ended, those that stay beside the pod run. */
const INIT_CONTAINERS = `
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
  {{ else }}
  started: false
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}`;

/** Readiness gates are not looked at: no pod of the stacks has one. */
const RUNNING = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
{{ range $type := list "Initialized" "ContainersReady" "Ready" }}
- type: {{ $type | Quote }}
  status: "True"
  reason: null
  message: null
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
${INIT_CONTAINERS}
${HOST}
${ADDRESSES}`;

const SUCCEEDED = `
{{ $now := Now }}
phase: Succeeded
conditions:
{{ range $type := list "ContainersReady" "Ready" }}
- type: {{ $type | Quote }}
  status: "False"
  reason: PodCompleted
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  imageID: ""
  name: {{ .name | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}`;

const NODE_READY = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
  message: {{ .message | Quote }}
  reason: {{ .reason | Quote }}
  status: {{ .status | Quote }}
  type: {{ .type | Quote }}
{{ end }}
addresses:
- address: {{ NodeIP | Quote }}
  type: InternalIP
- address: {{ NodeName | Quote }}
  type: Hostname
{{ with NodePort }}
daemonEndpoints:
  kubeletEndpoint:
    Port: {{ . }}
{{ end }}
phase: Running`;

function stage(name: string, kind: 'Node' | 'Pod', matchExpressions: object[], rest: object) {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, ...rest },
  };
}

/**
 * How kwok moves nodes and pods along, instead of the stages that it ships with, which make every scheduled pod ready: here
 * a pod runs only after the gate has let it through.
 */
export function stagesFile(): string {
  const isJob = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] };
  const stages = [
    stage(
      'node-ready',
      'Node',
      [{ key: CONDITION('Ready'), operator: 'NotIn', values: ['True'] }],
      { next: { statusTemplate: NODE_READY } },
    ),
    stage(
      'pod-running',
      'Pod',
      [
        ALIVE,
        { key: '.status.phase', operator: 'In', values: ['Pending'] },
        { key: CONDITION(GATE_CONDITION), operator: 'In', values: ['True'] },
      ],
      { next: { statusTemplate: RUNNING } },
    ),
    stage(
      'job-succeeded',
      'Pod',
      [ALIVE, { key: '.status.phase', operator: 'In', values: ['Running'] }, isJob],
      { delay: { durationMilliseconds: JOB_MS }, next: { statusTemplate: SUCCEEDED } },
    ),
    stage('pod-gone', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
      next: { delete: true },
    }),
  ];
  return stages.map((document) => stringify(document, { lineWidth: 0 })).join('---\n');
}
