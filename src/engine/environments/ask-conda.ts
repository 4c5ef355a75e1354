import { basename, join, relative, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from '../base/json.ts';
import { namesIn } from '../base/names-in.ts';
import { shellWord } from '../base/shell-word.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import {
  condaPlatform,
  type LockedPackage,
  packagesOfCondaLock,
  packagesOfPixiLock,
  partsOf,
} from './conda-packages.ts';
import {
  type AskedEnvironment,
  type DifferentPackage,
  differs,
  type KnownEnvironment,
  noProgram,
  notEntered,
} from './known-environment.ts';
import { type ProgramLine, projectOf } from './program-line.ts';
import { runTool } from './run-tool.ts';

type CondaEnvironment = Extract<ProgramEnvironment, { tool: 'conda' | 'pixi' }>;

/** Interpreters whose version the identity names. */
const INTERPRETERS = ['python', 'r-base', 'julia', 'perl', 'nodejs'];

/** Looks at what is installed, and starts nothing of it. @throws {Failure} where that is not what the lock file says */
export function askConda(asked: AskedEnvironment<CondaEnvironment>, root: string, lock: Buffer): KnownEnvironment {
  const platform = condaPlatform(process.platform, process.arch);
  const wanted = wantedOf(asked, lock.toString('utf8'), platform);
  const prefix = prefixOf(asked, root);
  const records = namesIn(join(prefix, 'conda-meta')).flatMap((name) =>
    name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [],
  );
  const sites = sitePackages(prefix);
  const different = differences(wanted, records, sites.flatMap(namesIn));
  if (different.length > 0)
    throw differs(asked, `the environment in ${shown(prefix, root)}`, different, making(asked, root));
  const interpreters = records.map(partsOf).filter(({ name }) => INTERPRETERS.includes(name));
  return {
    has: [...interpreters.map(({ name, version }) => `${name} ${version}`).sort(), platform],
    files: [join(prefix, 'conda-meta'), join(prefix, 'conda-meta/history'), ...sites],
  };
}

function wantedOf(asked: AskedEnvironment<CondaEnvironment>, text: string, platform: string): readonly LockedPackage[] {
  const { environment, range } = asked;
  let wanted: readonly LockedPackage[] | undefined;
  try {
    wanted =
      environment.tool === 'conda'
        ? packagesOfCondaLock(text, platform)
        : packagesOfPixiLock(text, environment.name, platform);
  } catch (error) {
    const fact = `the lock file ${environment.lock} cannot be read: ${(error as Error).message.split('\n', 1)[0]}`;
    throw new Failure('usage', { fact, fix: 'write it with its tool, and not by hand', range });
  }
  if (wanted && (environment.tool === 'pixi' || wanted.length > 0)) return wanted;
  const which =
    environment.tool === 'pixi' ? `no environment ${environment.name} for ${platform}` : `no package for ${platform}`;
  const fix =
    environment.tool === 'pixi'
      ? `pixi workspace platform add ${platform}, or name another environment`
      : `conda-lock lock -p ${platform} --lockfile ${shellWord(environment.lock)}`;
  throw new Failure('environment', { fact: `the lock file ${environment.lock} has ${which}`, fix, range });
}

function differences(
  wanted: readonly LockedPackage[],
  records: readonly string[],
  installed: readonly string[],
): readonly DifferentPackage[] {
  const known = new Set(records);
  const versions = new Map(records.map(partsOf).map(({ name, version }) => [name, version]));
  const fromPip = new Map(
    installed.flatMap((name) => {
      const [, project, version] = /^(.+?)-([^-]+)\.dist-info$/.exec(name) ?? [];
      return project === undefined || version === undefined ? [] : [[normalised(project), version] as const];
    }),
  );
  return wanted.flatMap(({ name, version, record }) => {
    if (record !== undefined) {
      return known.has(record) ? [] : [{ name, wanted: `${version} (${record})`, found: versions.get(name) ?? null }];
    }
    const found = fromPip.get(normalised(name)) ?? null;
    return found === version ? [] : [{ name, wanted: version, found }];
  });
}

function prefixOf(asked: AskedEnvironment<CondaEnvironment>, root: string): string {
  const { environment } = asked;
  if (environment.tool === 'conda' && environment.by === 'prefix') {
    // The nodes need it too.
    printedBy(asked, { program: 'micromamba', arguments: ['--version'] }, root);
    return resolve(root, environment.place);
  }
  const found =
    environment.tool === 'conda'
      ? prefixes(asked, ['micromamba', 'env', 'list', '--json'], root).find(
          (path) => basename(path) === environment.place,
        )
      : prefixes(asked, ['pixi', 'info', '--json', '--manifest-path', projectOf(environment.lock, root)], root)[0];
  if (found !== undefined) return found;
  throw notEntered(asked, 'there is none of that name', making(asked, root));
}

function prefixes(
  asked: AskedEnvironment<CondaEnvironment>,
  [program = '', ...rest]: readonly string[],
  root: string,
): readonly string[] {
  const { environment } = asked;
  const answer = answerOf(asked, { program, arguments: rest }, root);
  if (environment.tool === 'conda') return textsIn(answer.envs);
  const own = Array.isArray(answer.environments_info) ? answer.environments_info : [];
  return own.flatMap((each) => (isJsonObject(each) && each.name === environment.name ? textsIn([each.prefix]) : []));
}

/** What a tool says in JSON. */
function answerOf(asked: AskedEnvironment<CondaEnvironment>, line: ProgramLine, root: string): JsonObject {
  const printed = printedBy(asked, line, root);
  const answer = parseJsonObject(printed);
  if (answer) return answer;
  const words = [line.program, ...line.arguments].map(shellWord).join(' ');
  throw notEntered(asked, `${line.program} answers ${printed.trim() || 'nothing'}`, `see what this prints: ${words}`);
}

function printedBy(asked: AskedEnvironment<CondaEnvironment>, line: ProgramLine, root: string): string {
  const answer = runTool(line, root);
  if (!('kind' in answer)) return answer.stdout;
  if (answer.kind === 'failed') throw notEntered(asked, answer.message, making(asked, root));
  throw noProgram(asked, answer.program, `install it: conda install -c conda-forge ${answer.program}`);
}

/** The line that makes the environment, or makes it what the lock file says. */
function making({ environment }: AskedEnvironment<CondaEnvironment>, root: string): string {
  if (environment.tool === 'pixi') {
    const manifest = shown(projectOf(environment.lock, root), root);
    return `pixi install --locked -e ${shellWord(environment.name)} --manifest-path ${shellWord(manifest)}`;
  }
  const place = environment.by === 'prefix' ? '-p' : '-n';
  return `micromamba create -y ${place} ${shellWord(environment.place)} -f ${shellWord(environment.lock)}`;
}

function sitePackages(prefix: string): readonly string[] {
  return namesIn(join(prefix, 'lib'))
    .filter((name) => /^python3\.\d+$/.test(name))
    .map((name) => join(prefix, 'lib', name, 'site-packages'));
}

function normalised(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function textsIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

function shown(path: string, root: string): string {
  const inside = relative(root, path);
  return inside.startsWith('..') ? path : inside || '.';
}
