import { type LabelChange, labelRun } from '../../../api/run/experiments.ts';
import { openProject, type ProjectOptions } from '../../options/project-options.ts';
import { line, printJson } from '../../process/output.ts';

export interface LabelOptions extends ProjectOptions {
  /** Removes instead of adding. */
  readonly remove?: boolean;
  readonly json?: boolean;
}

/** `vmfdag experiments name RUN [NAME]`. Without a name, the run has none from now on. */
export function nameExperiment(run: string, name: string | undefined, options: LabelOptions): Promise<number> {
  return change(run, { name: name ?? null }, options);
}

/** `vmfdag experiments note RUN [TEXT]`. */
export function noteExperiment(run: string, note: string | undefined, options: LabelOptions): Promise<number> {
  return change(run, { note: note ?? null }, options);
}

/** `vmfdag experiments tag RUN TAG…`. */
export function tagExperiment(run: string, tags: readonly string[], options: LabelOptions): Promise<number> {
  return change(run, options.remove ? { removeTags: tags } : { addTags: tags }, options);
}

async function change(run: string, asked: LabelChange, options: LabelOptions): Promise<number> {
  const { id, label = {} } = await labelRun(openProject(options), run, asked);
  const { name = null, note = null, tags = [] } = label;
  if (options.json) printJson({ run: id, name, note, tags });
  else
    line([id, name, tags.length > 0 ? `[${tags.join(', ')}]` : null, note].filter((part) => part !== null).join('  '));
  return 0;
}
