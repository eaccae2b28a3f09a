import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a person keeps what programs remember: with the person, not with the checkout. */
export function memoryFolder(environment: NodeJS.ProcessEnv): string {
  const given = environment.XDG_STATE_HOME ?? '';
  const home = environment.HOME ?? homedir();
  return join(given === '' ? join(home, '.local', 'state') : given, 'flywheel');
}
