import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const POLL_MS = 25;
const CHUNK_BYTES = 65_536;

/** An event of tofu, as it writes them line by line with `-json-into`. */
export type TofuEvent = Readonly<Record<string, unknown>>;

/**
 * Reads the events that tofu writes into a file, while it writes them. A file, because it stays when this process or tofu is
 * killed, and what tofu says to people has its own way.
 */
export class EventTail {
  private readonly file: string;
  private readonly take: (event: TofuEvent) => void;
  private handle: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private rest: Buffer = Buffer.alloc(0);
  private trouble: unknown;

  constructor(file: string, take: (event: TofuEvent) => void) {
    this.file = file;
    this.take = take;
  }

  /** @param onTrouble is told once when an event could not be taken */
  start(onTrouble: () => void): void {
    this.timer = setInterval(() => {
      if (this.trouble !== undefined) return;
      this.read();
      if (this.trouble !== undefined) onTrouble();
    }, POLL_MS);
  }

  /**
   * Reads to the end, and no more.
   *
   * @throws what hindered an event from being taken
   */
  stop(): void {
    clearInterval(this.timer);
    this.read();
    if (this.handle !== undefined) closeSync(this.handle);
    if (this.trouble !== undefined) throw this.trouble;
  }

  private read(): void {
    this.handle ??= opened(this.file);
    if (this.handle === undefined) return;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let size = CHUNK_BYTES; size === CHUNK_BYTES; ) {
      size = readSync(this.handle, chunk, 0, CHUNK_BYTES, null);
      this.rest = Buffer.concat([this.rest, chunk.subarray(0, size)]);
      this.takeLines();
    }
  }

  private takeLines(): void {
    const end = this.rest.lastIndexOf('\n');
    if (end < 0) return;
    const lines = this.rest.subarray(0, end).toString('utf8').split('\n');
    this.rest = this.rest.subarray(end + 1);
    for (const event of lines.flatMap(eventIn)) {
      try {
        this.take(event);
      } catch (error) {
        this.trouble ??= error;
      }
    }
  }
}

/** Where tofu writes its events while it runs; it is there afterwards only when this process was killed. */
export function eventsFile(work: string): string {
  return join(work, 'events.jsonl');
}

/** The events in what a tofu has left; the last line may be half. */
export function eventsIn(text: string): TofuEvent[] {
  return text.split('\n').flatMap(eventIn);
}

function eventIn(line: string): TofuEvent[] {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null ? [event as TofuEvent] : [];
  } catch {
    return [];
  }
}

/** It appears when tofu has read its arguments. */
function opened(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
