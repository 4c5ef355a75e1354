import { archiveAround } from '../../api/archive/find-archive.ts';
import { withStore } from '../../api/cache/open-cache.ts';
import { surveyProject } from '../../api/project/survey-project.ts';
import { Explainer } from '../../views/explain/explainer.ts';
import { openProject, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';
import { explainArchivedFile, explainFile, namesFile } from './explain-file.ts';

export interface ExplainOptions extends ProjectOptions {
  readonly diff?: boolean;
  readonly json?: boolean;
}

/** `vmfdag explain NODE`: the rules that decide whether a node runs, with their verdicts, down to the root cause; for a file, where it comes from. */
export async function explain(pattern: string, options: ExplainOptions): Promise<number> {
  const archive = archiveAround(pattern);
  if (archive) return explainArchivedFile(pattern, archive, options.json === true);
  const project = openProject(options);
  return withStore(project.cacheDirectory, async (store) => {
    if (namesFile(pattern, project.pipeline)) return explainFile(pattern, project, store, options.json === true);
    const { request, states, asked } = await surveyProject(project, store, { targets: [pattern] });
    const explainer = new Explainer(request, states, store, options.diff === true);
    if (options.json) {
      const documents = [];
      for (const state of asked) documents.push(await explainer.json(state));
      printJson(documents);
      return 0;
    }
    for (const [index, state] of asked.entries()) {
      if (index > 0) line('');
      for (const text of await explainer.lines(state)) line(text);
    }
    return 0;
  });
}
