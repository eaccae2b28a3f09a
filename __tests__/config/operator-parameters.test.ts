import { describe, expect, test } from 'vitest';
import { isOperatorParameter } from '../../config/operator-parameters.ts';

describe('the parameters that CloudNativePG keeps to itself', () => {
  test.each([
    'archive_command',
    'log_destination',
    'port',
    'recovery_target_time',
    'shared_preload_libraries',
    'ssl',
    'ssl_cert_file',
    'synchronous_standby_names',
    'unix_socket_directories',
  ])('hold %s', (name) => {
    expect(isOperatorParameter(name)).toBe(true);
  });

  test.each(['max_connections', 'log_statement', 'ssl_min_protocol_version', 'supported_port'])(
    'do not hold %s',
    (name) => {
      expect(isOperatorParameter(name)).toBe(false);
    },
  );
});
