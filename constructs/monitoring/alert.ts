import { Duration } from '../../values/duration.ts';

/** What an alert is about: the object it was made for. */
export interface AlertScope {
  readonly namespace: string;
  /** The workload, the volume claim or the set of pods. */
  readonly name: string;
  /** The label `job` of everything that its monitor scrapes. */
  readonly job: string;
}

/** An alert as the table writes it. */
export interface Alert {
  readonly name: string;
  /** `critical`: somebody has to act now; `warning`: somebody should look today. */
  readonly severity: 'critical' | 'warning';
  /** How long it must hold before it counts. */
  readonly for: string;
  /** The expression in PromQL; what it yields is what is wrong. */
  readonly expr: (scope: AlertScope) => string;
  /** What is wrong, in one line. */
  readonly summary: string;
  /** What to do. */
  readonly remedy: string;
}

/** The alert as a rule of the Prometheus Operator. */
export function alertRule(alert: Alert, scope: AlertScope) {
  return {
    alert: alert.name,
    expr: alert.expr(scope),
    for: String(Duration.parse('prometheus', alert.for)),
    // Where the labels of the metric are about something else, this one still says what is watched.
    labels: { severity: alert.severity, watched: `${scope.namespace}/${scope.name}` },
    annotations: { summary: alert.summary, description: alert.remedy },
  };
}

/** Nothing that the monitor scrapes has answered. */
export function nothingAnswers({ namespace, job }: AlertScope): string {
  return `absent(up{namespace="${namespace}",job="${job}"} == 1)`;
}

/** Something that the monitor scrapes does not answer. */
export function oneDoesNotAnswer({ namespace, job }: AlertScope): string {
  return `up{namespace="${namespace}",job="${job}"} == 0`;
}
