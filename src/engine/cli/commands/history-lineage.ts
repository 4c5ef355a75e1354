import { printableJson } from '../../base/printable.ts';
import manifest from '../../package.json' with { type: 'json' };
import { lineageEvents } from '../../views/lineage/openlineage.ts';
import { findRun } from '../../views/runs/find-run.ts';
import { manifestOf } from '../../views/runs/manifest-of.ts';
import { openProject } from '../options/project-options.ts';
import { line } from '../process/output.ts';
import { aboutRuns, type HistoryOptions } from './history.ts';

/** `vmfdag history lineage RUN`: the run as events of OpenLineage, one a line. */
export function historyLineage(name: string, options: HistoryOptions): Promise<number> {
  const { pipeline } = openProject(options);
  return aboutRuns(options, ({ runs }, store) => {
    const run = findRun(name, runs);
    const resolved = manifestOf(run, store);
    const recordOf = (node: number) => {
      const key = resolved.nodes[node]?.key;
      return key ? store.record(key) : undefined;
    };
    const events = lineageEvents({
      run,
      manifest: resolved,
      journal: store.journal(run.id),
      recordOf,
      namespace: pipeline.name,
      version: manifest.version,
    });
    for (const event of events) line(printableJson(JSON.stringify(event)));
  });
}
