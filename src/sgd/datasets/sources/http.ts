import type { Patience } from './source.ts';
import { watchForStall } from './stall.ts';

/**
 * Gets a URL, following redirects.
 *
 * @param limit more bytes than this are refused while they arrive
 * @param onBytes is called with how many bytes have arrived so far
 * @throws {Error} for a status other than 2xx, a connection that fails or goes silent, and a body that is cut short
 */
export async function getBytes(
  url: string,
  limit: number,
  patience: Patience,
  onBytes: (received: number) => void = () => {},
): Promise<Buffer> {
  const watch = watchForStall(patience.stallMilliseconds);
  try {
    const response = await fetch(url, { signal: watch.signal, headers: { 'accept-encoding': 'identity' } });
    if (!response.ok || !response.body) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const parts: Uint8Array[] = [];
    let received = 0;
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      watch.alive();
      received += part.length;
      if (received > limit) throw new Error(`the server sends more than the ${limit} bytes that the file can have`);
      parts.push(part);
      onBytes(received);
    }
    watch.stop();
    return Buffer.concat(parts, received);
  } catch (error) {
    watch.cancel();
    throw error;
  }
}
