import type {
  ReportContent,
  ReportResult,
  ReportTarget,
  RunTimeline,
} from '../../src/engine/views/report/report-content.ts';
import type { Route } from '../address/routes.ts';
import { stageOf } from '../address/stage-of.ts';
import { formatUtc } from '../format/time.ts';
import { groupFormats } from '../parts/formats.ts';
import { Graph } from '../parts/graph.tsx';
import { Params } from '../parts/params.tsx';
import { PreviewContent } from '../parts/preview-content.tsx';
import { ProvenanceTable } from '../parts/provenance.tsx';
import { AddressContext } from '../parts/route-context.ts';
import { StageLegend } from '../parts/stage-legend.tsx';
import { fileName, ResultItem, Target } from '../parts/target.tsx';
import { RunPicture } from './run-picture.tsx';
import { stageColours } from './stage-colours.ts';

/** What is in the cache, on one page that needs nothing else. */
export function Report({ content }: { readonly content: ReportContent }) {
  const { name, description, profile, targets, runs, environment } = content;
  return (
    <AddressContext.Provider value={addressInReport}>
      <header class="head">
        <span class="brand">vmfdag report</span>
        <nav aria-label="Parts">
          <a href="#results">Results</a>
          <a href="#pipeline">Pipeline</a>
          {runs.length > 0 && <a href="#runs">Runs</a>}
          <a href="#environment">Machine</a>
        </nav>
        <button id="theme" type="button">
          light / dark
        </button>
      </header>
      <main>
        <h1>{name}</h1>
        {description !== undefined && <p>{description}</p>}
        {profile && (
          <p class="quiet">
            Profile {profile.name}
            {profile.description !== undefined && `: ${profile.description}`}
          </p>
        )}
        <nav id="results" class="contents" aria-label="Targets">
          {targets.map((target) => (
            <a key={target.name} href={addressInReport('results', target.name)}>
              {target.name}
            </a>
          ))}
        </nav>
        {targets.map((target) => (
          <ReportedTarget key={target.name} target={target} />
        ))}
        <PipelineSection content={content} />
        {runs.length > 0 && <RunsSection runs={runs} />}
        <section id="environment">
          <h2>Where this page was written</h2>
          <dl class="pairs">
            {environment.map((each) => (
              <div key={each.name}>
                <dt>{each.name}</dt>
                <dd>{each.value}</dd>
              </div>
            ))}
          </dl>
        </section>
      </main>
      <footer class="quiet">
        Written by <code>vmfdag report</code> from what is in the cache.
      </footer>
      <dialog class="large" aria-label="The figure, large" />
    </AddressContext.Provider>
  );
}

/** Nodes are shown with their stage. */
function addressInReport(view: Route['view'], name = ''): string {
  switch (view) {
    case 'stage':
    case 'node':
      return `#stage-${stageOf(name)}`;
    case 'results':
      return `#target-${name}`;
    default:
      return '#pipeline';
  }
}

function ReportedTarget({ target }: { readonly target: ReportTarget }) {
  return (
    <Target target={target}>
      {groupFormats(target.results).map(({ shown, files }) => (
        <ResultItem
          key={shown.path}
          result={shown}
          madeAt={shown.madeAt === null ? undefined : formatUtc(shown.madeAt)}
          downloads={files.flatMap(downloadOf)}
        >
          {shown.preview && (
            <div class="preview">
              <PreviewContent preview={shown.preview} name={describe(shown, target)} />
            </div>
          )}
          {shown.digest !== null && !shown.isHere && <p>Its bytes are evicted.</p>}
        </ResultItem>
      ))}
    </Target>
  );
}

function describe({ path }: ReportResult, { description }: ReportTarget): string {
  return description === null ? path : `${path}, ${description}`;
}

function downloadOf(file: ReportResult) {
  return file.download === undefined ? [] : [{ name: fileName(file), address: file.download }];
}

function PipelineSection({ content: { graph, stages, params } }: { readonly content: ReportContent }) {
  return (
    <section id="pipeline">
      <h2>The pipeline</h2>
      <Graph graph={graph} direction="wide" />
      <Graph graph={graph} direction="tall" />
      <ProvenanceTable stages={stages} label="Stages" isIndex />
      <details>
        <summary>All params</summary>
        <Params params={params} empty="none" />
      </details>
    </section>
  );
}

function RunsSection({ runs }: { readonly runs: readonly RunTimeline[] }) {
  const { legend, colourOf } = stageColours(runs);
  return (
    <section id="runs">
      <h2>When it was made</h2>
      <StageLegend stages={legend} />
      {runs.map((run) => (
        <RunPicture key={run.run} run={run} colourOf={colourOf} />
      ))}
    </section>
  );
}
