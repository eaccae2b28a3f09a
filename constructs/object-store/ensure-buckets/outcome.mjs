import { textOf, xmlTree } from './xml-tree.mjs';

/** Why the work cannot be done, in one sentence that says what to do. */
export class Failure extends Error {}

/** The code by which a store names what went wrong, or an empty text. */
export function errorCode({ text }) {
  return textOf(xmlTree(text), 'Code') ?? '';
}

/** Ends the work unless the answer is a success. */
export function requireSuccess(answer, what) {
  if (answer.status >= 200 && answer.status < 300) return answer;
  const message = textOf(xmlTree(answer.text), 'Message') ?? answer.text.trim().slice(0, 200);
  const code = errorCode(answer);
  throw new Failure(
    `the store refused to ${what}: ${[answer.status, code].join(' ').trim()}${message === '' ? '' : `, ${message}`}`,
  );
}
