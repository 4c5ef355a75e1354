import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Failure } from '../../base/failure.ts';
import { fileKind } from '../../base/file-kind.ts';
import { shellWord } from '../../base/shell-word.ts';
import { writeWholeFile } from '../../base/whole-file.ts';
import { line, printJson } from '../process/output.ts';

/** Names under which npm would not publish a file, or would interpret it. */
const PUBLISHED_AS: Readonly<Record<string, string>> = { gitignore: '.gitignore' };

export interface InitOptions {
  readonly json?: boolean;
  /** Stages as Python programs instead of modules. */
  readonly python?: boolean;
}

type Language = 'typescript' | 'python';

/** Of the package: the folder whose files a new project gets. */
const TEMPLATES: Readonly<Record<Language, string>> = { typescript: 'templates/project', python: 'templates/python' };

/** `vmfdag init [DIR]`: writes a small pipeline that runs at once. */
export async function init(directory: string, { json, python }: InitOptions): Promise<number> {
  const target = resolve(directory);
  refuseToOverwrite(target, directory);
  const name = projectName(target);
  const home = packageRoot();
  const language = python ? 'python' : 'typescript';
  const template = join(home, TEMPLATES[language]);
  const files = ['package.json'];
  for (const file of filesOf(template)) {
    const text = readFileSync(join(template, file), 'utf8').replaceAll('PROJECT_NAME', name);
    const published = join(dirname(file), PUBLISHED_AS[basename(file)] ?? basename(file));
    write(join(target, published), text);
    files.push(published);
  }
  write(join(target, 'package.json'), `${JSON.stringify(manifest(name, home, target, language), null, 2)}\n`);
  linkWhatIsMissing(target, home, language);
  if (json) {
    printJson({ directory: target, name, files: files.sort() });
    return 0;
  }
  if (directory !== '.') line(`cd ${shellWord(directory)}`);
  line('npx vmfdag run');
  return 0;
}

function refuseToOverwrite(target: string, asGiven: string): void {
  const status = statSync(target, { throwIfNoEntry: false });
  const found = status?.isDirectory() ? readdirSync(target).filter((name) => name !== '.git') : status ? [asGiven] : [];
  if (found.length === 0) return;
  throw new Failure('usage', {
    fact: status?.isDirectory()
      ? `the folder ${asGiven} is not empty: it holds ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}`
      : `${asGiven} is a ${status && fileKind(status)}`,
    fix: 'name a new or an empty folder: vmfdag init DIR',
  });
}

/** A name that both npm and pipeline.yaml accept. */
function projectName(target: string): string {
  const name = basename(target)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return name || 'experiment';
}

/** The folder of this package: the nearest one above the running program that has the template. */
function packageRoot(): string {
  const manifestFile = createRequire(import.meta.url).resolve('vmfdag/package.json');
  return dirname(manifestFile);
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function manifest(name: string, home: string, target: string, language: Language): object {
  const own = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    version: string;
    dependencies: Readonly<Record<string, string>>;
    devDependencies: Readonly<Record<string, string>>;
  };
  // A checkout is not in any registry.
  const isInstalled = home.split(/[\\/]/).includes('node_modules');
  const vmfdag = isInstalled ? `^${own.version}` : `file:${relative(target, home)}`;
  if (language === 'python') return { name, private: true, dependencies: { vmfdag } };
  return {
    name,
    private: true,
    type: 'module',
    dependencies: { valibot: own.dependencies.valibot, vmfdag },
    devDependencies: { '@types/node': own.devDependencies['@types/node'], typescript: own.devDependencies.typescript },
  };
}

/** Links what the stages import where Node would not find it, so that the pipeline runs before `npm install`, and offline. */
function linkWhatIsMissing(target: string, home: string, language: Language): void {
  const fromTarget = createRequire(join(target, 'package.json'));
  const own = createRequire(join(home, 'package.json'));
  for (const [name, folder] of [
    ['vmfdag', () => home],
    ['valibot', () => packageFolder('valibot', own.resolve('valibot'))],
  ] as const) {
    if (resolves(fromTarget, name) || (name === 'valibot' && language === 'python')) continue;
    mkdirSync(join(target, 'node_modules'), { recursive: true });
    symlinkSync(folder(), join(target, 'node_modules', name), 'junction');
  }
  if (commandOf(target) === undefined) linkCommand(target, home);
}

/** The program that `npx vmfdag` starts in a folder: npm installs it in node_modules of the folder or of one above. */
function commandOf(folder: string): string | undefined {
  const command = join(folder, 'node_modules/.bin/vmfdag');
  if (existsSync(command)) return command;
  const above = dirname(folder);
  return above === folder ? undefined : commandOf(above);
}

function linkCommand(target: string, home: string): void {
  const folder = join(target, 'node_modules/.bin');
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(home, 'bin/vmfdag.cjs'), join(folder, 'vmfdag'));
}

/** The folder of an installed package, from the path of one of its files. */
function packageFolder(name: string, file: string): string {
  const folder = join('node_modules', name);
  return file.slice(0, file.lastIndexOf(folder) + folder.length);
}

function resolves(require: NodeJS.Require, path: string): boolean {
  try {
    require.resolve(path);
    return true;
  } catch {
    return false;
  }
}

function write(file: string, text: string): void {
  try {
    writeWholeFile(file, text);
  } catch (error) {
    throw new Failure(
      'environment',
      { fact: `cannot write ${file} (${(error as Error).message})`, fix: 'name a folder that you may write to' },
      { cause: error },
    );
  }
}
