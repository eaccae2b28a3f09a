import { EXIT } from '../../../console/exit-code.ts';
import { ACCESS, CHECK, type Sentences } from './sentences.ts';

/** What may be found with any request. */
export const STORE = {
  'store-hangs': [EXIT.unknown, 'did not answer: {seen}', 'a whole answer in time', CHECK],
  'store-unreachable': [EXIT.unknown, 'cannot be reached: {seen}', 'an answer', ACCESS],
  'store-tls': [
    EXIT.unknown,
    'cannot be trusted: {seen}',
    'a certificate of an authority that is trusted here',
    ACCESS,
  ],
  'store-cuts': [EXIT.unknown, 'did not answer to the end: {seen}', 'a whole answer', CHECK],
  'store-refuses': [EXIT.unknown, 'refuses what these keys ask for: {seen}', 'an answer', ACCESS],
  'store-clock': [
    EXIT.unknown,
    'has another time than this machine: {seen}',
    'clocks that differ by less than 15 minutes',
    'set the clock that is wrong, and begin again',
  ],
  'store-redirects': [EXIT.unknown, 'sends its callers elsewhere: {seen}', 'an answer', ACCESS],
  'store-fails': [EXIT.unknown, 'fails: {seen}', 'an answer', CHECK],
  'request-refused': [
    EXIT.unknown,
    'was not asked: {seen}',
    'what tofu asks for the state of this stack and its lock, and nothing else',
    'look for a workspace or a provider that takes the address of this run for its own; give providers explicit endpoints and a profile',
  ],
  'gateway-failed': [
    EXIT.unknown,
    'was not asked to the end, because the gateway failed: {seen}',
    'an answer',
    'report it with this message; what tofu left is kept',
  ],
} as const satisfies Readonly<Record<string, Sentences>>;
