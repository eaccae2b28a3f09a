import type { StoreAnswer, StoreRequest } from '../store/store-client.ts';
import { StoreTrouble } from '../store/store-trouble.ts';
import type { Clock } from './clock.ts';
import type { Reply } from './reply.ts';

/** As a client over the wire has it. */
const DEADLINE_MS = 30_000;

/** Lets happen to an answer in this process what would have happened to it on a wire, as the client there tells it. */
export async function enact(
  reply: Reply,
  { deadlineMs = DEADLINE_MS }: StoreRequest,
  clock: Clock,
): Promise<StoreAnswer> {
  const { transport, ...answer } = reply;
  const late = async () => {
    await clock.sleep(deadlineMs);
    return new StoreTrouble('timeout', `no whole answer within ${deadlineMs} ms`);
  };
  switch (transport?.kind) {
    case undefined:
      return answer;
    case 'hang':
      throw await late();
    case 'drip': {
      const ms = Math.ceil(answer.body.length / transport.pieceBytes) * transport.pauseMs;
      if (ms >= deadlineMs) throw await late();
      await clock.sleep(ms);
      return answer;
    }
    case 'refuse':
      throw new StoreTrouble('refused', 'nobody listens there (ECONNREFUSED)');
    case 'not-http':
      throw transport.tls
        ? new StoreTrouble('tls', 'TLS failed (EPROTO)')
        : new StoreTrouble('cut', 'the connection was cut (HPE_INVALID_CONSTANT)');
    // Whoever reads finds the connection ended before the body, or more than the body before the next answer.
    case 'length':
    case 'cut':
      throw new StoreTrouble('cut', 'the connection was cut (ECONNRESET)');
  }
}
