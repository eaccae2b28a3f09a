import { escapedXml } from '../store/answer-xml.ts';
import type { StoreAnswer } from '../store/store-client.ts';

const FORBIDDEN = 403;

/** An answer of the gateway that is an error, as S3 words it. */
export function errorAnswer(status: number, code: string, message: string): StoreAnswer {
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapedXml(message)}</Message></Error>`,
  );
  return {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': String(body.length) },
    body,
  };
}

/** An answer without a body. */
export function emptyAnswer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): StoreAnswer {
  return { status, headers, body: Buffer.alloc(0) };
}

/** There is no such object; to tofu this means "no state", or "no lock". */
export function noSuchKey(key: string): StoreAnswer {
  return errorAnswer(404, 'NoSuchKey', `there is no ${key}`);
}

/** The lock is taken. */
export function lockHeld(message: string): StoreAnswer {
  return errorAnswer(412, 'PreconditionFailed', message);
}

/**
 * A refusal that tofu takes at once: it tries again what ends with 5xx or with a broken connection, for up to 14 s. The code of
 * the finding stands where S3 has its own. None is `AccessDenied`, which tofu passes over when it lists workspaces.
 */
export function refusedAnswer(code: string, message: string): StoreAnswer {
  const pascal = code.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return errorAnswer(FORBIDDEN, pascal, message);
}
