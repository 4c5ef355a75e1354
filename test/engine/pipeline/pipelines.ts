import { Failure } from '../../../src/engine/base/failure.ts';
import { loadPipeline, type ParamOverride } from '../../../src/engine/pipeline/load-pipeline.ts';
import type { Pipeline } from '../../../src/engine/pipeline/pipeline.ts';

/** A pipeline file of the given sections, with one harmless stage where no stages are given. */
export function pipeline(sections: string): string {
  const stages = /^stages:/m.test(sections) ? '' : 'stages:\n  only: {run: stages/only.ts, outputs: {value: json}}\n';
  return `version: 1\nname: test\n${sections.replace(/^\n/, '')}${sections.endsWith('\n') || sections === '' ? '' : '\n'}${stages}`;
}

export function load(sections: string, profile?: string, overrides: readonly ParamOverride[] = []): Pipeline {
  return loadPipeline({
    file: 'pipeline.yaml',
    text: pipeline(sections),
    overrides,
    ...(profile === undefined ? {} : { profile }),
  });
}

export function set(path: string, value: string): ParamOverride {
  return { path, value, origin: `--set ${path}=${value}` };
}

/** What a user reads when `work` fails, with a line break at the start so that snapshots align. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage') return `\n${error.message}\n`;
    throw error;
  }
  throw new Error('it should have failed');
}
