import { arch, availableParallelism, cpus, hostname, platform, totalmem } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { leaseHolder } from '../../api/cache/open-cache.ts';
import { withSurvey } from '../../api/project/survey-project.ts';
import { collectReport } from '../../views/report/collect-report.ts';
import { builtStyle } from '../../views/report/page-style.ts';
import { renderReport } from '../../views/report/render-report.ts';
import { resultFile } from '../../views/results/publish-files.ts';
import { writeArtefact, writeToPath } from '../../views/results/write-artefact.ts';
import { formatBytes, formatCount } from '../../views/terminal/format.ts';
import { openProject, type Project, type ProjectOptions } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

const PAGE_NAME = 'report.html';

export interface ReportOptions extends ProjectOptions {
  readonly target?: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
}

/** `vmfdag report`: one HTML page of what is in the cache. Runs nothing, and does not wait for a run. */
export function report(options: ReportOptions): Promise<number> {
  const project = openProject(options);
  return withSurvey(project, { targets: options.target }, async ({ request, states }, store) => {
    const { style, fontFaces } = builtStyle();
    const content = await collectReport({
      pipeline: project.pipeline,
      plan: request.plan,
      states,
      store,
      lease: leaseHolder(project.cacheDirectory)?.token,
      environment: environment(),
      fontFaces,
    });
    const page = Buffer.from(renderReport(content, style));
    const file = writePage(project, page, options.output);
    const stale = content.targets.filter(({ provenance }) => provenance.stale > 0).map(({ name }) => name);
    if (options.json) printJson({ file, bytes: page.length, targets: content.targets.length, notUpToDate: stale });
    else {
      line(`${relative(process.cwd(), file) || file}  ${formatBytes(page.length)}`);
      if (stale.length > 0) line(`not up to date: ${stale.join(', ')}; "vmfdag run" makes them`);
    }
    return 0;
  });
}

function writePage({ results }: Project, page: Uint8Array, output: string | undefined): string {
  if (output !== undefined) return writeToPath(resolve(output), page, PAGE_NAME);
  writeArtefact(resultFile(results, PAGE_NAME), page);
  return join(results.directory, PAGE_NAME);
}

function environment(): readonly { readonly name: string; readonly value: string }[] {
  return [
    { name: 'machine', value: `${hostname()}, ${platform()} ${arch()}` },
    {
      name: 'processor',
      value: `${cpus()[0]?.model.trim() || 'unknown'}, ${formatCount(availableParallelism(), 'core')}`,
    },
    { name: 'memory', value: formatBytes(totalmem()) },
    { name: 'Node', value: process.versions.node },
    { name: 'written', value: `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC` },
  ];
}
