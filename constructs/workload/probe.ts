/** How the kubelet asks whether a container is well. */
type ProbeAction =
  | { readonly kind: 'http'; readonly path: string; readonly port: number; readonly host?: string }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] };

/** A probe with its timing, in seconds. */
export interface Probe {
  readonly action: ProbeAction;
  /** @default 10 */
  readonly periodSec?: number;
  /** @default 5 */
  readonly timeoutSec?: number;
  /** Failures in a row that count. @default 3 */
  readonly failures?: number;
}

/** How many seconds a pod may take to start before its startup probes give it up, all its containers together. */
export function startupSec(containers: readonly { readonly startup?: Probe }[]): number {
  return containers
    .flatMap(({ startup }) => (startup === undefined ? [] : [timingOf(startup)]))
    .reduce(
      (sum, { periodSeconds, failureThreshold }) => sum + periodSeconds * failureThreshold,
      0,
    );
}

function timingOf({ periodSec, timeoutSec, failures }: Probe) {
  return {
    periodSeconds: periodSec ?? 10,
    timeoutSeconds: timeoutSec ?? 5,
    failureThreshold: failures ?? 3,
  };
}

/** A probe as it stands in a pod. */
export function probeSpec(given: Probe) {
  const { action } = given;
  const timing = timingOf(given);
  if (action.kind === 'exec') return { ...timing, exec: { command: [...action.command] } };
  if (action.kind === 'tcp') return { ...timing, tcpSocket: [{ port: String(action.port) }] };
  const { path, port, host } = action;
  return {
    ...timing,
    httpGet: {
      path,
      port: String(port),
      ...(host === undefined ? {} : { httpHeader: [{ name: 'Host', value: host }] }),
    },
  };
}
