import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../../src/engine/pipeline/load-pipeline.ts';

const none = { times: 0, factor: 1 };
const always = { times: Number.POSITIVE_INFINITY, factor: 1 };

function retriesOf(text: string) {
  const pipeline = loadPipeline({
    file: 'pipeline.yaml',
    text: `version: 1
name: retries
params: {often: 4}
stages:
  only: {run: stages/only.ts, outputs: {out: json}${text === '' ? '' : `, retries: ${text}`}}
`,
  });
  return pipeline.stages.get('only')?.retries;
}

describe('retries', () => {
  it.each([
    ['', none, none, none, always],
    ['2', { times: 2, factor: 1 }, { times: 2, factor: 1 }, { times: 2, factor: 1 }, always],
    [`"\${often}"`, { times: 4, factor: 1 }, { times: 4, factor: 1 }, { times: 4, factor: 1 }, always],
    ['{memory: 2}', none, none, { times: 2, factor: 2 }, always],
    ['{timeout: {times: 3, factor: 1.5}, lost: 1}', none, { times: 3, factor: 1.5 }, none, { times: 1, factor: 1 }],
    [
      `{failed: "\${often}", timeout: {times: "\${often}"}}`,
      { times: 4, factor: 1 },
      { times: 4, factor: 2 },
      none,
      always,
    ],
    ['{memory: {factor: 4}}', none, none, { times: 1, factor: 4 }, always],
  ])('%s', (text, failed, timeout, memory, lost) => {
    expect(retriesOf(text)).toEqual({ failed, timeout, memory, lost });
  });

  it.each([
    ['{oom: 1}', /unknown key "oom"/],
    ['{memory: {times: 2, factor: 0.5}}', /"factor"/],
    ['{lost: -1}', /"lost"/],
    ['[1]', /"retries"/],
  ])('refuses %s', (text, message) => {
    expect(() => retriesOf(text)).toThrow(message);
  });
});
