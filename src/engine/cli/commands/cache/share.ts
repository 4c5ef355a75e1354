import { type PullCounts, pullResults, pushResults, withSharedResults } from '../../../api/cache/share-results.ts';
import { prepareRequest } from '../../../api/project/prepare-request.ts';
import type { PublishCounts } from '../../../shared/shared-results.ts';
import type { Store } from '../../../store/store.ts';
import { formatBytes, formatCount, formatSeconds } from '../../../views/terminal/format.ts';
import { openProject, type Project } from '../../options/project-options.ts';
import { alone } from '../../process/alone.ts';
import { EXIT } from '../../process/exit-codes.ts';
import { errorLine, line, printJson } from '../../process/output.ts';
import type { CacheOptions } from './access.ts';

/** `vmfdag cache push`: publishes what is up to date. */
export function cachePush(targets: readonly string[], options: CacheOptions): Promise<number> {
  const project = openProject(options);
  return alone(project.cacheDirectory, (store) =>
    withSharedResults(project, store, complain, async (results, place) => {
      const started = performance.now();
      const counts = await pushResults(await requestOf(project, store, targets), store, results);
      if (options.json) printJson(pushedJson(counts));
      else line(`${pushedText(counts)} (${place}, ${formatSeconds((performance.now() - started) / 1000)})`);
      return counts.failed > 0 ? EXIT.failed : EXIT.done;
    }),
  );
}

/** `vmfdag cache pull`: fetches results and bytes, and executes nothing. */
export function cachePull(targets: readonly string[], options: CacheOptions): Promise<number> {
  const project = openProject(options);
  return alone(project.cacheDirectory, (store) =>
    withSharedResults(project, store, complain, async (results, place) => {
      const started = performance.now();
      const counts = await pullResults(await requestOf(project, store, targets), store, results);
      if (options.json) printJson(counts);
      else line(`${pulledText(counts)} (${place}, ${formatSeconds((performance.now() - started) / 1000)})`);
      return results.cache.isOpen('read') ? EXIT.done : EXIT.failed;
    }),
  );
}

function requestOf(project: Project, store: Store, targets: readonly string[]) {
  return prepareRequest(project, store, targets, []);
}

function complain(fact: string): void {
  errorLine(`the shared cache cannot be used: ${fact}`);
}

function pushedJson({ published, there, failed, ...counts }: PublishCounts): object {
  return { published, there, otherBytes: counts['other bytes'], failed };
}

function pushedText({ published, there, failed, ...counts }: PublishCounts): string {
  const parts = [`${formatCount(published, 'node')} published`, `${there} there already`];
  if (counts['other bytes'] > 0) parts.push(`${counts['other bytes']} there with other bytes`);
  if (failed > 0) parts.push(`${failed} not published`);
  return parts.join(', ');
}

function pulledText({ fetched, upToDate, missing, withBytes, withoutBytes, bytes }: PullCounts): string {
  const parts = [`${formatCount(fetched, 'node')} fetched`, `${upToDate} up to date already`];
  if (missing > 0) parts.push(`${missing} not there`);
  if (withBytes > 0) parts.push(`bytes of ${withBytes}`);
  if (withoutBytes > 0) parts.push(`no bytes of ${withoutBytes}`);
  return `${parts.join(', ')}: ${formatBytes(bytes)}`;
}
