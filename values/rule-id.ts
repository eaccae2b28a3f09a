/**
 * The names of the rules over the synthesized result. They stand here because settings waive rules by name and the policy
 * implements them, and neither imports the other.
 */
export const RULE_IDS = [
  'absolute-path',
  'availability-claim',
  'capacity-nodes',
  'capacity-nodes-memory',
  'capacity-quota',
  'chart-summary',
  'consumer-endpoint',
  'disruption-budget',
  'duration-syntax',
  'image-digest',
  'image-tag',
  'limit-range',
  'literal-template',
  'mount-over-nix',
  'network-policy',
  'out-of-contract',
  'pod-security',
  'privilege-reachability',
  'rbac-wildcard',
  'requests-and-limits',
  'resource-type',
  'same-failure-domain',
  'schedule-syntax',
  'secret-of-two-kinds',
  'secret-value',
  'state-backend',
  'state-key',
  'state-store-change',
  'token-automount',
  'unknown-signing-key',
  'unresolved-token',
] as const;

/** The name of a rule over the synthesized result. */
export type RuleId = (typeof RULE_IDS)[number];
