import { suggestName } from '../../base/diagnostic.ts';
import { Failure } from '../../base/failure.ts';
import type { Problems } from '../../pipeline/problems.ts';
import { type Place, problemAt } from '../../pipeline/yaml/source.ts';
import { entryOf, type Tree, textOf } from '../../pipeline/yaml/tree.ts';
import type { DvcOutput, DvcParam, DvcPath, DvcStage } from '../dvc-stage.ts';
import type { ProjectFiles } from '../project-files.ts';
import { type Context, readContext } from './context.ts';
import type { ExpandedStage } from './expand-stages.ts';
import { partsOf, resolveTree, type Scope } from './interpolation.ts';
import { pathIn } from './project-path.ts';

const KEYS = [
  'cmd',
  'wdir',
  'deps',
  'outs',
  'params',
  'metrics',
  'plots',
  'vars',
  'frozen',
  'always_changed',
  'desc',
  'meta',
];

/** What says of an output only how it is stored or shown. */
const DISPLAY = new Set([
  'cache',
  'desc',
  'type',
  'labels',
  'meta',
  'remote',
  'push',
  'template',
  'x',
  'y',
  'x_label',
  'y_label',
  'title',
  'header',
]);

/** Reads one stage. @returns undefined where it is wrong, which is in `problems` then */
export function readStage(
  stage: ExpandedStage,
  context: Context,
  files: ProjectFiles,
  problems: Problems,
): DvcStage | undefined {
  return problems.attempt(() => new StageReader(stage, context, files, problems).read());
}

class StageReader {
  readonly #stage: ExpandedStage;
  readonly #scope: Scope;
  readonly #problems: Problems;
  readonly #folder: string;

  constructor(stage: ExpandedStage, context: Context, files: ProjectFiles, problems: Problems) {
    this.#stage = stage;
    this.#problems = problems;
    const global = { local: stage.local, global: context.values };
    const folder = entryOf(stage.body, 'wdir');
    this.#folder = folder ? pathIn('', resolvedText(folder.value, global), folder.value.place) : '';
    this.#scope = this.#withOwnVars(global, context, files);
  }

  read(): DvcStage {
    const { name, key, body } = this.#stage;
    for (const [each, { key: place }] of body.entries) {
      if (!KEYS.includes(each))
        this.#refuse(place, `the stage "${name}" has the key "${each}", which is not known`, suggestName(each, KEYS));
    }
    const always = entryOf(body, 'always_changed');
    if (isTrue(always?.value)) {
      this.#refuse(
        always?.key ?? key,
        `the stage "${name}" is always changed`,
        'declare what it reads as a dependency, and remove the key',
      );
    }
    const outputs = [
      ...this.#outputs('outs', 'out'),
      ...this.#outputs('metrics', 'metric'),
      ...this.#outputs('plots', 'plot'),
    ];
    const dependencies = this.#dependencies();
    const params = this.#params();
    if (outputs.length === 0 && dependencies.length === 0) {
      this.#refuse(
        key,
        `the stage "${name}" has no dependencies and no outputs, so DVC runs it each time`,
        'declare what it reads or makes',
      );
    }
    return {
      name,
      place: key,
      description: textOf(entryOf(body, 'desc')?.value),
      commands: this.#commands(),
      folder: this.#folder,
      dependencies,
      outputs,
      params,
      isFrozen: isTrue(entryOf(body, 'frozen')?.value),
    };
  }

  #withOwnVars(scope: Scope, context: Context, files: ProjectFiles): Scope {
    const vars = entryOf(this.#stage.body, 'vars')?.value;
    const params = this.#folder === '' ? undefined : `${this.#folder}/params.yaml`;
    if (
      params !== undefined &&
      files.kindOf(params) === 'file' &&
      JSON.stringify(textsOf(this.#stage.body)).includes('${')
    ) {
      const fact = `DVC fills in the templates of the stage "${this.#stage.name}" from ${params}`;
      throw new Failure('usage', problemAt(this.#stage.key, fact, 'write the values out, or move them to params.yaml'));
    }
    if (vars === undefined) return scope;
    const own = readContext(vars, files, { values: new Map(), files: context.files });
    return { ...scope, local: new Map([...own.values, ...scope.local]) };
  }

  #commands(): DvcStage['commands'] {
    const { name, key, body } = this.#stage;
    const tree = entryOf(body, 'cmd')?.value;
    const items = tree === undefined ? [] : tree.kind === 'list' ? tree.items : linesOf(tree);
    const commands = items.flatMap((item) => {
      const text = item.kind === 'scalar' && item.value !== null ? String(item.value).trim() : '';
      return text === '' ? [] : [partsOf(text, item.place, this.#scope)];
    });
    if (commands.length === 0) this.#refuse(key, `the stage "${name}" has no command`, 'add "cmd"');
    return commands;
  }

  #dependencies(): readonly DvcPath[] {
    return this.#list('deps').map((item) => {
      const text = resolvedText(item, this.#scope);
      if (/^[\w+-]+:\/\//.test(text)) {
        const fix = /^https?:/.test(text)
          ? 'add a source with "url" and "sha256" to the pipeline by hand, and a file here'
          : 'get the file, and depend on it where it lies in the project';
        throw new Failure('usage', problemAt(item.place, `"${text}" is outside of the project`, fix));
      }
      return { path: pathIn(this.#folder, text, item.place), place: item.place };
    });
  }

  #outputs(section: string, kind: DvcOutput['kind']): readonly DvcOutput[] {
    return this.#list(section).flatMap((item) => {
      if (item.kind !== 'mapping') return [this.#output(resolvedText(item, this.#scope), kind, item.place)];
      return [...item.entries].map(([template, { key, value }]) => {
        this.#checkOptions(value);
        const name: Tree = { kind: 'scalar', value: template, place: key };
        return this.#output(resolvedText(name, this.#scope), kind, key);
      });
    });
  }

  #output(text: string, kind: DvcOutput['kind'], place: Place): DvcOutput {
    return { path: pathIn(this.#folder, text, place), place, kind, isFolder: text.endsWith('/') };
  }

  #checkOptions(tree: Tree): void {
    for (const options of tree.kind === 'list' ? tree.items : [tree]) {
      for (const [option, { key, value }] of options.kind === 'mapping' ? options.entries : []) {
        if (option === 'persist' || option === 'checkpoint') {
          if (!isTrue(value)) continue;
          const fact = `with "${option}", a result depends on what an earlier run has left`;
          this.#refuse(key, fact, 'remove the option, or make the stage a chain with "scan" by hand');
        } else if (!DISPLAY.has(option)) {
          this.#refuse(key, `the option "${option}" is not known`, suggestName(option, DISPLAY));
        }
      }
    }
  }

  #params(): readonly DvcParam[] {
    const own = this.#folder === '' ? 'params.yaml' : `${this.#folder}/params.yaml`;
    return this.#list('params').flatMap((item) => {
      const resolved = resolveTree(item, this.#scope);
      if (resolved.kind === 'scalar') return [{ file: own, path: stepsOf(resolved), place: item.place }];
      if (resolved.kind === 'list') throw new Failure('usage', problemAt(item.place, 'this is a list in a list'));
      return [...resolved.entries].flatMap(([name, { key, value }]) => {
        const file = pathIn(this.#folder, name.replace(/:$/, ''), key);
        if (value.kind !== 'list') return [{ file, path: [], place: key }];
        return value.items.map((each) => ({ file, path: stepsOf(each), place: each.place }));
      });
    });
  }

  #list(section: string): readonly Tree[] {
    const tree = entryOf(this.#stage.body, section)?.value;
    return tree?.kind === 'list' ? tree.items : [];
  }

  #refuse(place: Place, fact: string, fix: string): void {
    this.#problems.add(problemAt(place, fact, fix));
  }
}

function resolvedText(tree: Tree, scope: Scope): string {
  const resolved = resolveTree(tree, scope);
  if (resolved.kind === 'scalar' && resolved.value !== null) return String(resolved.value);
  throw new Failure('usage', problemAt(tree.place, 'a path is needed here', 'write one path'));
}

function stepsOf(tree: Tree): readonly string[] {
  return tree.kind === 'scalar' ? String(tree.value).replaceAll('[', '.').replaceAll(']', '').split('.') : [];
}

/** DVC runs each line of a text in a shell of its own. */
function linesOf(tree: Tree): readonly Tree[] {
  if (tree.kind !== 'scalar') return [];
  return String(tree.value ?? '')
    .split(/\r?\n/)
    .map((value) => ({ ...tree, value }));
}

function isTrue(tree: Tree | undefined): boolean {
  return tree?.kind === 'scalar' && tree.value === true;
}

function textsOf(tree: Tree): readonly unknown[] {
  if (tree.kind === 'scalar') return [tree.value];
  if (tree.kind === 'list') return tree.items.flatMap(textsOf);
  return [...tree.entries].flatMap(([name, { value }]) => [name, ...textsOf(value)]);
}
