import type { Conflict } from './cross-rules.ts';
import type { Settings } from './settings.ts';

type Path = readonly string[];

const IPV4 = /^(\d+\.){3}\d+$/;

/** What must hold of the addresses of GitLab and GitHub. */
export const FORGE_RULES: readonly ((settings: Settings) => Conflict[])[] = [
  function forgesAreReachable({ runners, cluster }) {
    const { gitlab, github } = runners;
    const forges: { path: Path; url: string | undefined; ranges: readonly string[]; at: string }[] =
      [
        { path: ['gitlab', 'url'], url: gitlab.url, ranges: gitlab.cidrs, at: 'gitlab' },
        { path: ['github', 'url'], url: github.url, ranges: github.cidrs, at: 'github' },
        ...Object.entries(github.scaleSets).map(([name, { url }]) => ({
          path: ['github', 'scaleSets', name, 'url'],
          url,
          ranges: github.cidrs,
          at: 'github',
        })),
      ];
    return forges.flatMap(({ path, url, ranges, at }) => {
      const address = addressIn(url);
      if (address === undefined || !within(cluster.privateRanges, address)) return [];
      if (within(ranges, address)) return [];
      return [
        {
          path: ['runners', ...path],
          rule: 'be reachable, and jobs reach no private address',
          value: url,
          remedy: `add ${address}/32 to runners.${at}.cidrs`,
        },
      ];
    });
  },
];

/** The IPv4 address that stands in place of a name, in whatever notation. */
function addressIn(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return IPV4.test(hostname) ? hostname : undefined;
}

function within(ranges: readonly string[], address: string): boolean {
  return ranges.some((range) => {
    const [base = '', length] = range.split('/');
    const size = 2 ** (32 - Number(length));
    return Math.floor(numberOf(base) / size) === Math.floor(numberOf(address) / size);
  });
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}
