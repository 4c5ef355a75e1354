import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { isJsonObject, parseJsonObject } from '../base/json.ts';
import { shellWord } from '../base/shell-word.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import {
  type AskedEnvironment,
  type DifferentPackage,
  differs,
  type KnownEnvironment,
  noProgram,
  notEntered,
} from './known-environment.ts';
import { ACTIVATION, programFolder, projectOf, variablesOf } from './program-line.ts';
import { runTool } from './run-tool.ts';

type REnvironment = Extract<ProgramEnvironment, { tool: 'renv' }>;

/** Lines of a word and a text. Packages of R itself have its version. renv writes to its sandbox, which has links to those, whenever an R starts. */
const QUESTION = `
cat("version", paste(R.version$major, R.version$minor, sep = "."), "\\n")
cat("platform", R.version$platform, "\\n")
cat("file", file.path(R.home("bin"), "R"), "\\n")
for (path in c(R.home("library"), grep("/sandbox/", .libPaths(), value = TRUE, invert = TRUE))) cat("file", path, "\\n")
installed <- installed.packages()
installed <- installed[!duplicated(installed[, "Package"]), , drop = FALSE]
for (row in seq_len(nrow(installed))) cat("package", installed[row, "Package"], installed[row, "Version"], "\\n")
`;

/** The program that a command finds as its Rscript. */
export function rscriptOf(environment: REnvironment, root: string): string {
  return programFolder(environment, root) === undefined
    ? environment.interpreter
    : resolve(root, environment.interpreter);
}

/** @throws {Failure} where there is no such R, or its library differs from the lock file */
export function askR(asked: AskedEnvironment<REnvironment>, root: string, lock: Buffer): KnownEnvironment {
  const { environment, range } = asked;
  const { lock: path } = environment;
  const project = projectOf(path, root);
  const wanted = wantedOf(lock);
  if (!wanted) {
    const fact = `the lock file ${path} has no packages of renv`;
    throw new Failure('usage', { fact, fix: 'write it by renv::snapshot()', range });
  }
  const restoring = (call: string) => typedLine(environment, root, call);
  if (!existsSync(join(project, ACTIVATION))) {
    throw notEntered(asked, `there is no ${ACTIVATION} next to it`, restoring('activate()'));
  }
  const line = { program: rscriptOf(environment, root), arguments: ['-e', QUESTION] };
  const answer = runTool(line, project, { variables: variablesOf(environment, root) });
  if ('kind' in answer) {
    throw answer.kind === 'missing'
      ? noProgram(asked, answer.program, 'install R (apt-get install r-base-core), or correct "interpreter"')
      : notEntered(asked, answer.message, restoring('restore()'));
  }
  const told = answer.stdout.split('\n').map((each) => each.trim().split(' '));
  const all = (word: string) => told.flatMap(([first, ...rest]) => (first === word ? [rest.join(' ')] : []));
  const installed = new Map(all('package').map((each) => each.split(' ', 2) as [string, string]));
  const different = wanted.flatMap(([name, version]): DifferentPackage[] => {
    const found = installed.get(name) ?? null;
    return found === version ? [] : [{ name, wanted: version, found }];
  });
  if (different.length > 0) throw differs(asked, 'the library', different, restoring('restore()'));
  const [version, platform] = [all('version')[0], all('platform')[0]];
  if (version === undefined || platform === undefined)
    throw notEntered(asked, `it answers ${answer.stdout}`, 'see what it prints');
  return { has: [`R ${version}`, platform], files: all('file') };
}

/** To be typed in the pipeline's folder: R loads the project of the folder in which it starts. */
function typedLine({ lock, interpreter }: REnvironment, root: string, call: string): string {
  const project = projectOf(lock, root);
  const folder = relative(root, project);
  const program = interpreter.includes('/') ? relative(project, resolve(root, interpreter)) : interpreter;
  const line = `${shellWord(program)} -e 'renv::${call}'`;
  return folder === '' ? line : `(cd ${shellWord(folder)} && ${line})`;
}

function wantedOf(lock: Buffer): readonly (readonly [name: string, version: string])[] | undefined {
  const packages = parseJsonObject(lock.toString('utf8'))?.Packages;
  if (!isJsonObject(packages)) return undefined;
  return Object.entries(packages).map(([name, each]) => [name, isJsonObject(each) ? String(each.Version) : '']);
}
