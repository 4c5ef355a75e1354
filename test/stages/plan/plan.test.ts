import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { planDigests } from './plan-digests.ts';

const text = readFileSync(new URL('../../../pipeline.yaml', import.meta.url), 'utf8');

describe('the plan of the paper', () => {
  it.each(['paper', 'quick', 'smoke', 'reproduction', 'check'])('is the same as ever, profile %s', async (profile) => {
    const digests = planDigests(loadPipeline({ file: 'pipeline.yaml', text, profile }));
    await expect(`${JSON.stringify(digests, null, 1)}\n`).toMatchFileSnapshot(`golden/${profile}.json`);
  });
});

describe('one more entry of architectures', () => {
  const last = /^ {4}cnn\+res\+bn: .*\n/m;
  const added = text.replace(
    last,
    (line) => `${line}    wide: {<<: *mnist, model: {<<: *fully-connected, hidden: [1600]}}\n`,
  );

  it('is all that an architecture needs: its runs, its panel and its caption follow', () => {
    const { nodes } = buildPlan(loadPipeline({ file: 'pipeline.yaml', text: added, profile: 'quick' }));
    const wide = nodes.filter(({ coordinates }) => coordinates.architecture === 'wide');
    expect(new Set(wide.map(({ stage }) => stage.name))).toEqual(
      new Set(['init', 'train', 'validate', 'sample', 'estimate']),
    );
    const figure = nodes.find(({ id }) => id === 'plot-concentration');
    expect(figure?.params.architectures).toEqual(expect.arrayContaining(['fnn', 'wide']));
    expect(figure?.params.captions).toMatchObject({ wide: expect.stringContaining('MNIST at a reduced scale') });
  });

  it('changes nothing in a profile that lists its architectures', () => {
    const [before, after] = [text, added].map((each) =>
      planDigests(loadPipeline({ file: 'pipeline.yaml', text: each, profile: 'smoke' })),
    );
    const { 'plot-concentration': _, ...stages } = before?.stages ?? {};
    expect(after?.stages).toMatchObject(stages);
  });
});
