import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { type Notice, noticeMarkdown, noticeTitle } from '../../views/notices/notice.ts';

const SECONDS = 30;

/**
 * Sends a notice: `desktop`, `github` (the summary of a step), the address of a webhook, or a command.
 * @returns why that was impossible; undefined where it was not
 */
export async function sendNotice(
  way: string,
  notice: Notice,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  try {
    if (way === 'desktop') await onDesktop(notice);
    else if (way === 'github') toStepSummary(notice, environment.GITHUB_STEP_SUMMARY);
    else if (/^https?:\/\//.test(way)) await toWebhook(way, notice);
    else await byCommand(way, notice);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function onDesktop(notice: Notice): Promise<void> {
  const [title, body] = [`vmfdag: ${notice.outcome}`, noticeTitle(notice)];
  // AppleScript's texts are quoted as those of JSON, for what these hold.
  const script = `display notification ${JSON.stringify(body)} with title ${JSON.stringify(title)}`;
  const [program, args] =
    process.platform === 'darwin'
      ? ['osascript', ['-e', script]]
      : ['notify-send', ['--app-name=vmfdag', '--', title, body]];
  await run(spawn(program as string, args as string[], { stdio: ['ignore', 'ignore', 'pipe'] }), program as string);
}

function toStepSummary(notice: Notice, file: string | undefined): void {
  if (!file) throw new Error('GITHUB_STEP_SUMMARY names no file: this is no step of GitHub Actions');
  appendFileSync(file, noticeMarkdown(notice));
}

/** The field `text` is what chat services show. */
async function toWebhook(url: string, notice: Notice): Promise<void> {
  const { signal, end } = limit();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: noticeTitle(notice), ...notice }),
      redirect: 'error',
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it was answered with ${response.status}`);
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error(cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message);
  } finally {
    end();
  }
}

/** The command gets the notice as JSON on its standard input, and in short in its environment. */
async function byCommand(command: string, notice: Notice): Promise<void> {
  const env = { ...process.env, VMFDAG_OUTCOME: notice.outcome, VMFDAG_NOTICE: noticeTitle(notice) };
  const child = spawn(command, { shell: true, env, stdio: ['pipe', 'ignore', 'pipe'] });
  // It may not read.
  child.stdin.on('error', () => {});
  child.stdin.end(`${JSON.stringify(notice)}\n`);
  await run(child, 'the command');
}

function run(child: ReturnType<typeof spawn>, name: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-200);
  });
  return new Promise((resolve, reject) => {
    const { signal, end } = limit();
    signal.addEventListener('abort', () => {
      child.kill('SIGKILL');
      child.stderr?.destroy();
      reject(new Error(`${name} took more than ${SECONDS} seconds`));
    });
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      end();
      reject(new Error(code === 'ENOENT' ? `${name} is not installed` : message));
    });
    child.once('exit', (code, killed) => {
      end();
      child.stderr?.destroy();
      if (code === 0) resolve();
      else reject(new Error(`${name} ended with ${code ?? killed}${said.trim() === '' ? '' : `: ${said.trim()}`}`));
    });
  });
}

/** A limit for one notice; call `end` when it was sent. */
function limit(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SECONDS * 1000);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}
