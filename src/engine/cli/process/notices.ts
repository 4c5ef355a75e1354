import { sendNotice } from '../../api/notices/send-notice.ts';
import type { RunListener } from '../../run/events.ts';
import { NoticeContent } from '../../views/notices/notice.ts';
import { errorLine } from './output.ts';

/** Wraps the listener of a run. */
export type Listening = (listener: RunListener) => RunListener;

/**
 * Does a run, and tells how it ended. A notice that cannot be sent is a line on standard error, and changes no exit code.
 * @param ways of `--notify`
 */
export async function withNotices(
  pipeline: string,
  ways: readonly string[] | undefined,
  run: (listening: Listening) => Promise<number>,
): Promise<number> {
  if (!ways || ways.length === 0) return run((listener) => listener);
  const content = new NoticeContent();
  try {
    const code = await run((listener) => content.listen(listener));
    await send(pipeline, ways, content);
    return code;
  } catch (error) {
    await send(pipeline, ways, content, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function send(
  pipeline: string,
  ways: readonly string[],
  content: NoticeContent,
  problem?: string,
): Promise<void> {
  const notice = content.notice(pipeline, process.argv.slice(2), problem);
  if (!notice) return;
  const sent = await Promise.all(ways.map((way) => sendNotice(way, notice, process.env)));
  sent.forEach((why, index) => {
    // An address may hold a secret.
    const way = ways[index]?.replace(/^(https?:\/\/[^/?#@]*@?[^/?#]*).*/s, '$1/…').replace(/\/\/[^/]*@/, '//');
    if (why !== undefined) errorLine(`warning: a notice could not be sent (${way}): ${why}`);
  });
}
