import { ACCESS_FAULTS } from './access.ts';
import { BUDGET_FAULTS } from './budgets.ts';
import { CAPACITY_FAULTS } from './capacity.ts';
import { CHART_FAULTS } from './charts.ts';
import { ENDPOINT_FAULTS } from './endpoints.ts';
import type { FaultExample } from './fault-example.ts';
import { IMAGE_FAULTS } from './images.ts';
import { NETWORK_FAULTS } from './networks.ts';
import { NIX_MOUNT_FAULTS } from './nix-mounts.ts';
import { POD_FAULTS } from './pods.ts';
import { REACHABILITY_FAULTS } from './reachability.ts';
import { STATE_FAULTS } from './state.ts';
import { TEXT_FAULTS } from './texts.ts';

/** Every example of a fault, by what it is about. */
export const FAULT_EXAMPLES: Readonly<Record<string, readonly FaultExample[]>> = {
  access: ACCESS_FAULTS,
  budgets: BUDGET_FAULTS,
  capacity: CAPACITY_FAULTS,
  charts: CHART_FAULTS,
  endpoints: ENDPOINT_FAULTS,
  images: IMAGE_FAULTS,
  networks: NETWORK_FAULTS,
  'nix-mounts': NIX_MOUNT_FAULTS,
  pods: POD_FAULTS,
  reachability: REACHABILITY_FAULTS,
  state: STATE_FAULTS,
  texts: TEXT_FAULTS,
};
