import { suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { Problems } from '../pipeline/problems.ts';
import { fileSource, problemAt } from '../pipeline/yaml/source.ts';
import { entryOf, readTree, type Tree } from '../pipeline/yaml/tree.ts';
import type { DvcStage } from './dvc-stage.ts';
import type { ProjectFiles } from './project-files.ts';
import { readContext } from './read/context.ts';
import { expandStages } from './read/expand-stages.ts';
import { lockedKinds } from './read/read-lock.ts';
import { readStage } from './read/read-stage.ts';
import { Sources } from './translate/dependencies.ts';
import type { ImportedPipeline } from './translate/imported.ts';
import { Names } from './translate/names.ts';
import { ParamsFiles } from './translate/params-files.ts';
import { nameStages, producedBy } from './translate/produced.ts';
import { translateStage } from './translate/translate-stage.ts';

/** Sections that say what DVC draws or registers, and change no result. */
const OF_DISPLAY = ['plots', 'artifacts'];
const SECTIONS = ['stages', 'vars', 'datasets', 'params', 'metrics', ...OF_DISPLAY];

/**
 * Translates a DVC file.
 * @throws {Failure} kind `usage` that names all that has no counterpart, each at its place
 */
export function importDvc(file: string, text: string, files: ProjectFiles): ImportedPipeline {
  const tree = readTree(fileSource(file, text));
  const problems = new Problems();
  const notes = checkSections(tree, file, problems);
  const context = readContext(entryOf(tree, 'vars')?.value, files);
  const section = entryOf(tree, 'stages');
  if (section?.value.kind !== 'mapping' || section.value.entries.size === 0) {
    problems.add(problemAt(section?.key ?? tree.place, 'the file has no stages', 'name a DVC file with stages'));
    problems.throwIfAny();
    throw new Error('a file without stages was not refused');
  }
  const all = expandStages(section.value, { local: new Map(), global: context.values }).flatMap(
    (stage) => readStage(stage, context, files, problems) ?? [],
  );
  problems.throwIfAny();

  const stages = all.filter(({ isFrozen }) => !isFrozen);
  for (const frozen of all.filter((stage) => !stages.includes(stage))) {
    notes.push(`the stage ${frozen.name} is frozen in DVC: what it has made is a source here`);
    checkThere(frozen, files, problems);
  }
  const taken = new Names();
  const names = nameStages(stages, taken);
  const produced = producedBy(stages, names, problems);
  problems.throwIfAny();
  const locked = lockedKinds(files);
  const around = {
    files,
    locked,
    names,
    produced,
    sources: new Sources(taken),
    params: new ParamsFiles(context, files),
  };
  const translated = stages.flatMap((stage) => problems.attempt(() => translateStage(stage, around, problems)) ?? []);
  problems.throwIfAny();
  return { params: around.params.imported(), sources: around.sources.found, stages: translated, notes };
}

function checkSections(tree: Tree, file: string, problems: Problems): string[] {
  if (tree.kind !== 'mapping')
    throw new Failure('usage', problemAt(tree.place, `${file} is no DVC file`, 'name a dvc.yaml'));
  const notes: string[] = [];
  for (const [name, { key }] of tree.entries) {
    if (OF_DISPLAY.includes(name)) notes.push(`the section "${name}" of ${file} is for DVC alone, and was left out`);
    if (name === 'datasets') {
      problems.add(
        problemAt(key, 'data sets of DVC cannot be imported', 'get the files, and depend on them by their paths'),
      );
    } else if (!SECTIONS.includes(name)) {
      problems.add(problemAt(key, `the section "${name}" is not known`, suggestName(name, SECTIONS)));
    }
  }
  return notes;
}

function checkThere({ name, outputs }: DvcStage, files: ProjectFiles, problems: Problems): void {
  for (const { path, place } of outputs) {
    if (files.kindOf(path) !== undefined) continue;
    problems.add(
      problemAt(
        place,
        `the stage "${name}" is frozen, and its output "${path}" is not there`,
        'get it (dvc pull), or unfreeze the stage',
      ),
    );
  }
}
