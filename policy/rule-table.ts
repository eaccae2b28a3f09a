import type { Rule } from './rule.ts';
import { rbacWildcard, tokenAutomount } from './rules/access.ts';
import { availabilityClaim, sameFailureDomain } from './rules/availability.ts';
import { capacityNodes, capacityNodesMemory, capacityQuota } from './rules/capacity.ts';
import { chartSummary } from './rules/chart-summaries.ts';
import { outOfContract } from './rules/contract.ts';
import { disruptionBudget } from './rules/disruption.ts';
import { consumerEndpoint } from './rules/endpoints.ts';
import { imageDigest, imageTag } from './rules/images.ts';
import { mountOverNix } from './rules/mounts.ts';
import { networkPolicy } from './rules/network.ts';
import { podSecurity } from './rules/pod-security.ts';
import { privilegeReachability } from './rules/reachability.ts';
import { resourceType } from './rules/resource-types.ts';
import { limitRange, requestsAndLimits } from './rules/resources.ts';
import { secretOfTwoKinds, secretValue } from './rules/secrets.ts';
import { unknownSigningKey } from './rules/signing-keys.ts';
import { stateBackend, stateKey } from './rules/state.ts';
import { stateStoreChangeRule } from './rules/state-store-change.ts';
import { durationSyntax, scheduleSyntax } from './rules/syntax.ts';
import { absolutePath, literalTemplate, unresolvedToken } from './rules/templates.ts';

/** Every rule over the synthesized result, in the order of their names. */
export const RULE_TABLE: readonly Rule[] = [
  absolutePath,
  availabilityClaim,
  capacityNodes,
  capacityNodesMemory,
  capacityQuota,
  chartSummary,
  consumerEndpoint,
  disruptionBudget,
  durationSyntax,
  imageDigest,
  imageTag,
  limitRange,
  literalTemplate,
  mountOverNix,
  networkPolicy,
  outOfContract,
  podSecurity,
  privilegeReachability,
  rbacWildcard,
  requestsAndLimits,
  resourceType,
  sameFailureDomain,
  scheduleSyntax,
  secretOfTwoKinds,
  secretValue,
  stateBackend,
  stateKey,
  stateStoreChangeRule,
  tokenAutomount,
  unknownSigningKey,
  unresolvedToken,
];
