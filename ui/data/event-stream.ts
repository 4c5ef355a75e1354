/** One event of a `text/event-stream`. */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: string;
}

/** Reads a `text/event-stream` piece by piece: a piece may end anywhere, also between the two characters of a line's end. */
export class EventStreamReader {
  private rest = '';
  private id: string | undefined;
  private type = '';
  private data: string[] = [];

  /** The events that are complete with this piece. */
  read(piece: string): readonly StreamEvent[] {
    const text = this.rest + piece;
    const events: StreamEvent[] = [];
    let start = 0;
    for (;;) {
      const end = endOfLine(text, start);
      if (end === undefined) break;
      const event = this.line(text.slice(start, end.at));
      if (event) events.push(event);
      start = end.next;
    }
    this.rest = text.slice(start);
    return events;
  }

  private line(line: string): StreamEvent | undefined {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'id') this.id = value;
    if (field === 'event') this.type = value;
    if (field === 'data') this.data.push(value);
    return undefined;
  }

  private dispatch(): StreamEvent | undefined {
    const { id, type, data } = this;
    this.type = '';
    this.data = [];
    return data.length === 0 ? undefined : { id, type: type || 'message', data: data.join('\n') };
  }
}

function endOfLine(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\n') return { at, next: at + 1 };
    if (character !== '\r') continue;
    // The other half of the line's end may come with the next piece.
    if (at + 1 === text.length) return undefined;
    return { at, next: text[at + 1] === '\n' ? at + 2 : at + 1 };
  }
  return undefined;
}

/** Milliseconds until the next try to connect: doubled after each failure, at most half a minute, spread so that pages do not come together. */
export function backOff(failures: number, random: number): number {
  return Math.min(30_000, 500 * 2 ** Math.min(failures, 10)) * (0.75 + random / 2);
}
