import { describe, expect, test } from 'vitest';
import { ChartPin } from '../../values/chart-pin.ts';
import { refusalOf } from '../support/refusal.ts';

const PARTS = { repository: 'https://charts.example.org', name: 'runner', version: '0.86.0' };

describe('ChartPin', () => {
  test.each(['https://charts.example.org/stable/', 'oci://ghcr.io/example/charts'])(
    'takes a chart of %s at one exact version (W-C2)',
    (repository) => {
      const chart = ChartPin.of({ ...PARTS, repository });
      expect(chart).toMatchObject({ ...PARTS, repository });
      expect(chart.archive).toBe('runner-0.86.0.tgz');
      expect(String(chart)).toBe('runner 0.86.0');
    },
  );

  test.each(['1.2.3', '1.2.3-rc.1', '1.2.3+build.5', '10.20.30-alpha-x.1+sha.5114f85'])(
    'takes the version %s',
    (version) => {
      expect(ChartPin.of({ ...PARTS, version }).version).toBe(version);
    },
  );

  const Repository = 'must be a chart repository';
  const RepositoryRemedy = 'write https://host/path or oci://host/path, without credentials';
  const Version = 'must be one exact version';
  const VersionRemedy = 'write 1.2.3, not a range';

  test.each([
    [
      { repository: 'http://charts.example.org' },
      `${Repository}, got "http://charts.example.org"; ${RepositoryRemedy}`,
    ],
    [{ repository: './charts' }, `${Repository}, got "./charts"; ${RepositoryRemedy}`],
    [
      { repository: 'https://me:pass@example.org' },
      `${Repository}, got a URL with a password (not shown); ${RepositoryRemedy}`,
    ],
    [{ version: '^1.2.3' }, `${Version}, got "^1.2.3"; ${VersionRemedy}`],
    [{ version: '1.2' }, `${Version}, got "1.2"; ${VersionRemedy}`],
    [{ version: 'v1.2.3' }, `${Version}, got "v1.2.3"; ${VersionRemedy}`],
    [{ version: '1.2.x' }, `${Version}, got "1.2.x"; ${VersionRemedy}`],
    [{ version: '' }, `${Version}, got ""; ${VersionRemedy}`],
    [
      { name: 'Runner' },
      'must be a DNS label: lower-case letters, digits and "-", beginning and ending with a letter or digit, got "Runner"',
    ],
  ])('rejects %j', (wrong, message) => {
    expect(refusalOf(() => ChartPin.of({ ...PARTS, ...wrong }))).toBe(message);
  });
});
