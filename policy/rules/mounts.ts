import { posix } from 'node:path';
import type { VolumeMount } from '../model/pod.ts';
import type { Rule } from '../rule.ts';

const REMEDY =
  'leave the store of the image alone: only /nix/store and /nix/var/nix/db may be mounted, read-only, and the daemon socket, writable';

/** What may be mounted below /nix, and whether it must be read-only. */
const ALLOWED: Readonly<Record<string, { readonly readOnly: boolean }>> = {
  '/nix/store': { readOnly: true },
  '/nix/var/nix/daemon-socket': { readOnly: false },
  '/nix/var/nix/daemon-socket/socket': { readOnly: false },
  '/nix/var/nix/db': { readOnly: true },
};

/** A volume over /nix hides every program of a Nix image: grep, which and ls are not found. */
export const mountOverNix: Rule = {
  id: 'mount-over-nix',
  severity: 'error',
  meaning:
    'No volume covers /nix; its store and database are mounted read-only, the socket of its daemon is not.',
  *judge({ pods }) {
    for (const pod of pods) {
      for (const { name, mounts } of pod.containers) {
        for (const mount of mounts) {
          const wrong = problemOf(mount);
          if (wrong === undefined) continue;
          yield {
            resource: pod.address,
            problem: `${pod.owner}, container ${name}: the volume ${mount.volume} at ${mount.path} ${wrong}`,
            remedy: REMEDY,
          };
        }
      }
    }
  },
};

function problemOf({ path, readOnly }: VolumeMount): string | undefined {
  const place = posix.normalize(`/${path}`).replace(/(.)\/+$/, '$1');
  if (place === '/' || place === '/nix') return 'hides the store of the image';
  if (!place.startsWith('/nix/')) return undefined;
  const rule = Object.hasOwn(ALLOWED, place) ? ALLOWED[place] : undefined;
  if (rule === undefined) return 'covers a part of /nix that the image needs';
  if (rule.readOnly === readOnly) return undefined;
  return rule.readOnly ? 'is not read-only' : 'is read-only, and a socket must be written to';
}
