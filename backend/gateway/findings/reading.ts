import { EXIT } from '../../../console/exit-code.ts';
import { ACCEPT, CHECK, PRESERVE, type Sentences } from './sentences.ts';

/** What may be found when the state is read, or workspaces are listed. */
export const READING = {
  'state-hidden': [EXIT.bad, 'answered that there is no state', '{remembered}', PRESERVE],
  'bucket-hidden': [EXIT.bad, 'answered that there is no bucket', '{remembered}', PRESERVE],
  'bucket-missing': [
    EXIT.unknown,
    'answered that there is no bucket',
    'a bucket, if only an empty one: tofu never makes it',
    'make the bucket, or correct state.bucket in the settings',
  ],
  'state-first': [
    EXIT.unknown,
    'answered that there is no state',
    'a state, since this run was not declared to be the first',
    'if there has never been a state here, give the command again with --first-run',
  ],
  'absence-unwitnessed': [
    EXIT.unknown,
    'answered that there is no state',
    'a witness that has never seen one, but it could not be asked: {seen}',
    'make the witness readable, and begin again',
  ],
  'state-exists': [
    EXIT.bad,
    'has a state already: {seen}',
    'none, since this run was declared to be the first',
    'give the command again without --first-run',
  ],
  'state-empty': [EXIT.bad, 'answered with a state of no bytes', '{remembered}', PRESERVE],
  'state-incomplete': [
    EXIT.bad,
    'answered with the beginning of a state only',
    '{remembered}',
    PRESERVE,
  ],
  'state-not-json': [EXIT.bad, 'answered with something that {seen}', '{remembered}', PRESERVE],
  'state-other-version': [
    EXIT.bad,
    'answered with something that {seen}',
    '{remembered}',
    'find out which program has written it',
  ],
  'state-not-a-state': [EXIT.bad, 'answered with something that {seen}', '{remembered}', PRESERVE],
  'state-wrong-checksum': [
    EXIT.bad,
    '{seen}',
    'the bytes of which it keeps the checksum',
    PRESERVE,
  ],
  'state-rolled-back': [EXIT.bad, 'answered with an older state: {seen}', '{remembered}', ACCEPT],
  'state-forked': [
    EXIT.bad,
    'answered with other bytes under the same serial: {seen}',
    '{remembered}',
    ACCEPT,
  ],
  'state-other-lineage': [
    EXIT.bad,
    'answered with a state of another history: {seen}',
    '{remembered}',
    ACCEPT,
  ],
  'state-foreign': [
    EXIT.bad,
    'answered with the state of another stack: {seen}',
    'the state of {stack}: {remembered}',
    PRESERVE,
  ],
  'state-moved': [
    EXIT.bad,
    'answered with a state that is newer under our own lock: {seen}',
    '{remembered}',
    'find out who writes without a lock before anything is applied again',
  ],
  'state-emptied': [
    EXIT.bad,
    'answered with a newer state without any resource, which is not the one that it lists: {seen}',
    '{remembered}',
    PRESERVE,
  ],
  'state-unwitnessed': [
    EXIT.unknown,
    'answered with a state that no witness remembers: {seen}',
    'guards that have proved the store just now, before such a state is written',
    CHECK,
  ],
  'listing-broken': [
    EXIT.unknown,
    'answered the question for workspaces with something else: {seen}',
    'a list of keys of bucket {bucket}',
    PRESERVE,
  ],
  'listing-endless': [
    EXIT.unknown,
    'goes on with its list of workspaces where it has been before',
    'a list that ends',
    PRESERVE,
  ],
} as const satisfies Readonly<Record<string, Sentences>>;
