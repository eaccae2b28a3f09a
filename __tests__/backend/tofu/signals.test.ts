import { describe, expect, test } from 'vitest';
import { takeSignals } from '../../../backend/tofu/signals.ts';

/** What listens to a signal now, without asking anybody to end. */
const listeners = () => process.rawListeners('SIGHUP');

describe('the signals that ask for an end', () => {
  test('reach everybody who takes them, and nobody else, until the last one gives them back', () => {
    const heard: string[] = [];
    const usual = () => heard.push('usual');
    process.on('SIGHUP', usual);
    const before = listeners();
    const first = takeSignals((signal) => heard.push(`first ${signal}`));
    const second = takeSignals((signal) => heard.push(`second ${signal}`));
    process.emit('SIGHUP', 'SIGHUP');
    // They end in the order in which they began, and not the other way round.
    first();
    process.emit('SIGHUP', 'SIGHUP');
    second();
    expect(heard).toEqual(['first SIGHUP', 'second SIGHUP', 'second SIGHUP']);
    expect(listeners()).toEqual(before);
    process.emit('SIGHUP', 'SIGHUP');
    expect(heard.at(-1)).toBe('usual');
    process.removeListener('SIGHUP', usual);
  });
});
