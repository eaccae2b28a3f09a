import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  freePorts,
  listenAnywhere,
  portOption,
  requireFreePort,
} from '../../../operations/rehearsal/ports.ts';

describe('a port', () => {
  test('that is free may be used, and one that is taken may not', async () => {
    const server = createServer();
    const { address, port } = await listenAnywhere(server);
    expect(address).toBe('127.0.0.1');
    await expect(requireFreePort(port)).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken by another process\n    name another one with --port, or leave it out for a free one`,
    );
    await new Promise((resolve) => server.close(resolve));
    await requireFreePort(port);
  });

  test('is free or taken at one address', async () => {
    const server = createServer();
    const { port } = await listenAnywhere(server);
    await requireFreePort(port, '127.77.0.1');
    await new Promise((resolve) => server.close(resolve));
  });

  test('is found as often as it is asked for, each another', async () => {
    const ports = await freePorts(5);
    expect(new Set(ports).size).toBe(5);
    expect(Math.min(...ports)).toBeGreaterThan(0);
  });

  test('is not found where nothing can listen', async () => {
    await expect(freePorts(1, '192.0.2.1')).rejects.toThrow(
      'cannot listen on 192.0.2.1: EADDRNOTAVAIL',
    );
  });

  test('is read from an option', () => {
    expect(portOption('9000')).toBe(9000);
  });

  test.each(['0', '65536', '-1', '1e3', '9000x', ''])('rejects the option %j', (text) => {
    expect(() => portOption(text)).toThrow(`--port must be a number from 1 to 65535, got: ${text}`);
  });
});
