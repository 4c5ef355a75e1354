import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { readRegularFile } from '../base/regular-file.ts';
import { checkShape } from '../pipeline/check-shape.ts';
import { type DeclaredExecutor, readExecutors } from '../pipeline/executors/read-executors.ts';
import { Problems } from '../pipeline/problems.ts';
import { fileSource } from '../pipeline/yaml/source.ts';
import { entryOf, readTree, treeToJson } from '../pipeline/yaml/tree.ts';
import validate from '../schemas/settings.validator.js';

/** In the folder of the pipeline file. */
export const PROJECT_SETTINGS = 'vmfdag.settings.yaml';

const LARGEST_BYTES = 1024 * 1024;

/** What belongs to a user, a machine or a project, and is in no key. */
export interface Settings {
  readonly sharedCache: SharedCacheSettings | undefined;
  /** By name. */
  readonly executors: ReadonlyMap<string, DeclaredExecutor>;
}

export interface SharedCacheSettings {
  readonly url: URL;
  readonly mode: 'read' | 'read-write';
  /** Absolute paths. */
  readonly keys: readonly string[];
  readonly compress: boolean;
}

/** One file, as its schema says. */
interface SettingsFile {
  readonly cache?: {
    readonly shared?: {
      readonly url?: string;
      readonly mode?: 'read' | 'read-write';
      readonly key?: string | readonly string[];
      readonly compress?: boolean;
    };
  };
}

/**
 * Reads the settings. An environment variable wins over the project's file, and that one over the user's, key by key.
 * @param root folder of the pipeline file
 * @throws {Failure} kind `usage`, with what is wrong in the files
 */
export function readSettings(root: string, environment: NodeJS.ProcessEnv): Settings {
  const files = [userSettings(environment), join(root, PROJECT_SETTINGS)].map(readIfThere);
  const shared: SharedOfFile = Object.assign({}, ...files.map(({ shared }) => shared));
  const executors = new Map(files.flatMap((file) => [...file.executors]));
  const url = environment.VMFDAG_SHARED_CACHE ?? shared.url;
  if (url === undefined || url === '') return { sharedCache: undefined, executors };
  const { mode = 'read-write', keys = [], compress = true } = shared;
  return { sharedCache: { url: addressOf(url), mode, keys, compress }, executors };
}

/** The settings file of the user. */
function userSettings(environment: NodeJS.ProcessEnv): string {
  const folder = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return join(folder, 'vmfdag', 'settings.yaml');
}

interface SharedOfFile {
  readonly url?: string;
  readonly mode?: 'read' | 'read-write';
  readonly keys?: readonly string[];
  readonly compress?: boolean;
}

interface ReadFile {
  readonly shared: SharedOfFile;
  readonly executors: ReadonlyMap<string, DeclaredExecutor>;
}

function readIfThere(file: string): ReadFile {
  if (!existsSync(file)) return { shared: {}, executors: new Map() };
  const { settings, executors } = readFile(file);
  return { shared: sharedOf(file, settings), executors };
}

function sharedOf(file: string, settings: SettingsFile): SharedOfFile {
  const { key, ...rest } = settings.cache?.shared ?? {};
  if (key === undefined) return rest;
  const keys = typeof key === 'string' ? [key] : key;
  return { ...rest, keys: keys.map((path) => resolve(dirname(file), path.replace(/^~(?=\/)/, homedir()))) };
}

function readFile(file: string): { readonly settings: SettingsFile; readonly executors: ReadFile['executors'] } {
  const tree = readTree(fileSource(file, textOf(file)));
  if (tree.kind === 'scalar' && tree.value === null) return { settings: {}, executors: new Map() };
  const problems = new Problems();
  for (const diagnostic of checkShape(tree, validate)) problems.add(diagnostic);
  problems.throwIfAny();
  const executors = readExecutors(entryOf(tree, 'executors')?.value, problems);
  problems.throwIfAny();
  return { settings: treeToJson(tree) as SettingsFile, executors };
}

function textOf(file: string): string {
  try {
    return readRegularFile(file, LARGEST_BYTES).toString('utf8');
  } catch (error) {
    const fact = `cannot read the settings in ${file} (${(error as Error).message})`;
    throw new Failure('usage', { fact, fix: 'correct the file, or remove it' }, { cause: error });
  }
}

function addressOf(text: string): URL {
  if (/^(https?:\/\/|s3:\/\/|file:\/\/\/)./.test(text) && URL.canParse(text)) return new URL(text);
  throw new Failure('usage', {
    fact: `VMFDAG_SHARED_CACHE=${text}: this is no address of a shared cache`,
    fix: 'write https://HOST/PATH, s3://BUCKET/PREFIX or file:///FOLDER; with an empty value there is none',
  });
}
