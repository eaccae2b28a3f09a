import { scrypt } from 'node:crypto';

const DIGITS = 12;
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 32 * 2 ** 20 };

/**
 * A short mark of a value, by which two people can see whether they mean the same one.
 *
 * A plain hash of a password would be as good as the password: it is guessed on any machine in seconds. This one costs 16 MiB
 * and some hundredths of a second a guess, and is salted with the UID of the cluster, so that no table serves two clusters. A key
 * kept secret would be stronger, but then the fingerprints of two people would differ, and comparing is what they are for.
 */
export function fingerprint(value: string, clusterUid: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(value, `flywheel ${clusterUid}`, DIGITS / 2, COST, (error, derived) => {
      if (error) reject(error);
      else resolve(derived.toString('hex'));
    });
  });
}
