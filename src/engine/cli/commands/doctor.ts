import { availableParallelism, cpus, totalmem } from 'node:os';
import { withStore } from '../../api/cache/open-cache.ts';
import { backendsOf } from '../../api/project/backends-of.ts';
import { Failure } from '../../base/failure.ts';
import { formatBytes, formatCount } from '../../views/terminal/format.ts';
import { cacheDirectory, openProject, type Project, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

export interface DoctorOptions extends ProjectOptions {
  readonly json?: boolean;
}

interface Finding {
  readonly what: string;
  readonly state: 'good' | 'missing' | 'bad';
  readonly detail: string;
  readonly fix?: string;
}

/** `vmfdag doctor`: what this machine has, and what would make it better. Exit code 1 if something is broken. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = [machine(), await cache(options), ...pipeline(options)];
  if (options.json) {
    printJson(findings);
  } else {
    const marks = { good: '✓', missing: '–', bad: '✗' };
    for (const { what, state, detail, fix } of findings) {
      line(`${marks[state]} ${what}: ${detail}`);
      if (fix) line(`    ${fix}`);
    }
  }
  return findings.some(({ state }) => state === 'bad') ? 1 : 0;
}

function machine(): Finding {
  const model = cpus()[0]?.model.trim() || 'unknown processor';
  const detail = `Node ${process.versions.node}, ${process.platform} ${process.arch}, ${model}, ${formatCount(availableParallelism(), 'core')}, ${formatBytes(totalmem())} of memory`;
  return { what: 'machine', state: 'good', detail };
}

function pipeline(options: DoctorOptions): readonly Finding[] {
  let project: Project;
  try {
    project = openProject(options);
  } catch (error) {
    return [broken('pipeline', error)];
  }
  const { pipeline } = project;
  const profile = pipeline.profile === undefined ? '' : `, profile ${pipeline.profile}`;
  const detail = `${pipeline.file}: ${formatCount(pipeline.stages.size, 'stage')}${profile}`;
  return [{ what: 'pipeline', state: 'good', detail }, ...backends(project)];
}

async function cache(options: DoctorOptions): Promise<Finding> {
  const directory = cacheDirectory(options);
  try {
    const { artefacts, databaseBytes, blobBytes } = await withStore(directory, (store) => store.statistics());
    const detail = `${directory}: ${formatCount(artefacts, 'artefact')}, ${formatBytes(databaseBytes + blobBytes)}`;
    return { what: 'cache', state: 'good', detail };
  } catch (error) {
    return broken('cache', error);
  }
}

function backends(project: Project): readonly Finding[] {
  try {
    return backendsOf(project).map((backend) =>
      backend.kind === 'available'
        ? { what: `backend ${backend.name}`, state: 'good', detail: backend.version }
        : { what: `backend ${backend.name}`, state: 'missing', detail: backend.reason, fix: backend.fix },
    );
  } catch (error) {
    return [broken('compute provider', error)];
  }
}

function broken(what: string, error: unknown): Finding {
  if (!(error instanceof Failure)) throw error;
  const [first] = error.diagnostics;
  const detail = error.diagnostics.map(({ fact, range }) =>
    range ? `${range.file}:${range.line}:${range.column} ${fact}` : fact,
  );
  return { what, state: 'bad', detail: detail.join('; '), ...(first?.fix ? { fix: first.fix } : {}) };
}
