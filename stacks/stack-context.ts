import type { StateLocation } from '../backend/state-location.ts';
import type { Charts } from '../config/charts.ts';
import type { Images } from '../config/images.ts';
import type { Settings } from '../config/settings.ts';
import type { ChartMirror } from '../constructs/helm.ts';
import type { ClusterNetwork } from '../constructs/workload/flows.ts';
import { encryptionBlock } from './state-encryption.ts';

/** What every stack is built from: the settings, and the pins. */
export interface StackContext {
  readonly settings: Settings;
  readonly images: Images;
  readonly charts: Charts;
}

/** The cluster's own addresses, as network policies need them. */
export function clusterNetwork({ settings }: StackContext): ClusterNetwork {
  return settings.cluster;
}

/** Where charts come from, when not from their own repository. */
export function chartMirror({ settings }: StackContext): ChartMirror | undefined {
  const { mirror } = settings.charts;
  return mirror === undefined ? undefined : { location: mirror };
}

/** Where the state of a stack lives. */
export function stateOf(
  { settings }: StackContext,
  stack: keyof Settings['state']['keys'],
): StateLocation {
  const { bucket, region, pathStyle, keys, encryption } = settings.state;
  return {
    bucket,
    region,
    pathStyle,
    key: keys[stack],
    ...(encryption && { encryption: encryptionBlock(encryption) }),
  };
}
