import { type Launched as LaunchedWith, launch } from '../launch.ts';
import type { ClusterRecord } from './folder.ts';

/** A cluster whose supervisor ends with this process unless it is kept. */
export type Launched = LaunchedWith<ClusterRecord>;

/** Starts a cluster under a supervisor in a process of its own, which ends with this one unless it is kept. */
export function launchCluster(
  options: {
    readonly name?: string;
    readonly port?: number;
    /** Answer logs and exec. @default false */
    readonly podAccess?: boolean;
    /** The settings file. @default as the environment says */
    readonly settings?: string;
  } = {},
): Promise<Launched> {
  const { name, port, settings, podAccess } = options;
  const words = [
    ...(name === undefined ? [] : ['--name', name]),
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(podAccess === true ? ['--exec'] : []),
  ];
  return launch(
    ['cluster', 'up', ...words],
    settings === undefined ? {} : { FLYWHEEL_CONFIG: settings },
  );
}
