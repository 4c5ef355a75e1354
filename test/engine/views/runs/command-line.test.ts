import { execFileSync } from 'node:child_process';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { exportMetrics } from '../../../../src/engine/views/metrics/mlflow/export-metrics.ts';
import type { NewMlflowRun } from '../../../../src/engine/views/metrics/mlflow/tracking.ts';
import { NoticeContent, noticeMarkdown } from '../../../../src/engine/views/notices/notice.ts';
import { timelines } from '../../../../src/engine/views/report/timeline.ts';
import { chromeTrace } from '../../../../src/engine/views/runs/chrome-trace.ts';
import { commandLine } from '../../../../src/engine/views/runs/command-line.ts';
import { recordOf } from '../../store/fixtures.ts';
import { manifestOf, runOf } from './runs.ts';

const words = [
  'run',
  '--set',
  'architectures.fnn.batchSize=[16, 32]',
  "--set=note=it's `here` ```there```",
  '--notify',
  'tee -a "two  spaces"\n& date > $HOME/*',
];

/** The words that a shell reads from a line. */
function read(line: string): readonly string[] {
  const text = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return text.split('\0').slice(0, -1);
}

describe('the command line of a run', () => {
  it('is read by a shell as the words that the run was given', () => {
    expect(read(commandLine(words))).toEqual(['vmfdag', ...words]);
  });

  it('of a program begins with its path', () => {
    expect(commandLine(['/home/me/my search.mjs', '--trials', '10'])).toBe("'/home/me/my search.mjs' --trials 10");
  });

  const run = runOf({ command: words });
  const views: Record<string, () => string | undefined | Promise<string | undefined>> = {
    'the timeline of a report': () =>
      timelines([recordOf('a/1')], () => ({ command: words, state: 'done' }))[0]?.command,
    'a Chrome trace': () => chromeTrace(run, manifestOf([]), [], () => undefined).otherData.command,
    'an MLflow run': async () => {
      const created: NewMlflowRun[] = [];
      const tracking = {
        runsWith: async () => [],
        create: async (made: NewMlflowRun) => `${created.push(made)}`,
        log: async () => {},
        end: async () => {},
      };
      const record = recordOf('a/1', { run: run.id });
      await exportMetrics([{ record, series: [] }], new Map([[run.id, run]]), tracking);
      return created[0]?.tags['vmfdag.command'];
    },
    'a notice': () => {
      const notice = new NoticeContent().notice('p', words, 'disk is full') as NonNullable<
        ReturnType<NoticeContent['notice']>
      >;
      const code = marked.lexer(noticeMarkdown(notice)).find(({ type }) => type === 'code');
      return code && 'text' in code ? code.text : undefined;
    },
  };
  it.each(Object.keys(views))('is the same in %s', async (view) => {
    expect(read((await views[view]?.()) ?? '')).toEqual(['vmfdag', ...words]);
  });
});
