import { LiveActions, type OwnProgram } from '../../api/live/live-actions.ts';
import { LiveProject } from '../../api/live/live-project.ts';
import { LiveServer } from '../../api/live/live-server.ts';
import { isLoopback } from '../../views/live/http/gate.ts';
import { openProject, type ProjectOptions, projectSource } from '../options/project-options.ts';
import { EXIT } from '../process/exit-codes.ts';
import { openInBrowser } from '../process/open-in-browser.ts';
import { errorLine, goOnUnread, line, printJson } from '../process/output.ts';

export interface UiOptions extends ProjectOptions {
  readonly host: string;
  readonly port?: number;
  /** Whether to open the page in a browser. */
  readonly open: boolean;
  /** Ends with the process that has started this one, which holds the other end of standard input. */
  readonly untilInputEnds?: boolean;
  readonly json?: boolean;
}

/** `vmfdag ui`: serves the live page until Ctrl-C. */
export async function ui(options: UiOptions): Promise<number> {
  openProject(options);
  goOnUnread();
  const project = new LiveProject(projectSource(options));
  const actions = new LiveActions(project, ownProgram());
  const server = await LiveServer.start(project, actions, { ...options, onBug: (error) => errorLine(bugText(error)) });
  if (!isLoopback(options.host)) {
    errorLine('other machines reach the page, without encryption: whoever has its address can run code here');
  }
  if (options.json) printJson({ address: server.secretAddress, port: server.port, pid: process.pid });
  else line(`live page: ${server.secretAddress}`);
  if (options.open && !options.json && process.stdout.isTTY) openInBrowser(server.secretAddress);
  await ended(options.untilInputEnds === true, actions);
  await server.close(options.untilInputEnds === true);
  return EXIT.done;
}

function ownProgram(): OwnProgram {
  return [process.execPath, ...process.execArgv, process.argv[1] as string];
}

/** Settles with a signal. If a page has started a run, that ends first: its nodes finish, or are ended by a second signal. */
function ended(untilInputEnds: boolean, actions: LiveActions): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      if (actions.hasRuns) errorLine('waiting for running nodes to finish; once more ends them');
      void actions.interrupt().then(resolve);
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
    process.on('SIGHUP', end);
    if (!untilInputEnds) return;
    process.stdin.on('end', end).on('error', end).resume();
  });
}

function bugText(error: unknown): string {
  return `the live page has met a bug in vmfdag: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
