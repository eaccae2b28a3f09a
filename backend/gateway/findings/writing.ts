import { EXIT } from '../../../console/exit-code.ts';
import { ACCEPT, CORRECT, RECOVER, type Sentences } from './sentences.ts';

/** What may be found when the state is written. */
export const WRITING = {
  'write-undeclared': [
    EXIT.bad,
    'was to be given a state by a run that only reads: {seen}',
    'no write',
    CORRECT,
  ],
  'write-no-state': [EXIT.bad, 'was to be given something that {seen}', 'a state', RECOVER],
  'write-without-lock': [
    EXIT.bad,
    'was to be given a state without a lock: {seen}',
    'a lock that this run has taken',
    'give the command again, and without -lock=false',
  ],
  'write-other-lineage': [
    EXIT.bad,
    'was to be given a state of another history: {seen}',
    'a successor of {remembered}',
    CORRECT,
  ],
  'write-backwards': [
    EXIT.bad,
    'was to be given a state that is no later one: {seen}',
    'a successor of {remembered}',
    CORRECT,
  ],
  'write-empties': [
    EXIT.bad,
    'was to be given a state without any resource: {seen}',
    'resources, since no destroy was asked for',
    'if all of them are to go: just tofu-destroy {stack}; if they are gone by mistake, do not apply again',
  ],
  'write-lost': [
    EXIT.bad,
    'acknowledged the state and did not keep it: {seen}',
    'the bytes that it was given',
    RECOVER,
  ],
  'write-changed': [
    EXIT.bad,
    'kept something else than it was given: {seen}',
    'the bytes that it was given',
    RECOVER,
  ],
  'write-conflict': [
    EXIT.bad,
    'has got a state from somebody else under our own lock: {seen}',
    '{remembered}',
    'find out who writes without a lock before anything is applied or recovered',
  ],
  'write-refused': [
    EXIT.pending,
    'did not take the state: {seen}',
    'the state to be kept',
    RECOVER,
  ],
  'write-unknown': [
    EXIT.pending,
    'did not say what became of the state: {seen}',
    'the state to be kept, and to be read back',
    RECOVER,
  ],
  'witness-contradicts': [
    EXIT.bad,
    'keeps the state that it was given: {seen}',
    'what the witness remembers by now: {remembered}',
    ACCEPT,
  ],
} as const satisfies Readonly<Record<string, Sentences>>;
