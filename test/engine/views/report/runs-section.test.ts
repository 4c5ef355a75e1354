import { describe, expect, it } from 'vitest';
import type { RunTimeline } from '../../../../src/engine/views/report/report-content.ts';
import { runsSection } from '../../../../src/engine/views/report/runs-section.ts';

function timeline(seconds: readonly number[]): RunTimeline {
  const lanes = seconds.map((end, index) => [{ stage: `stage ${index}`, start: 0, end, nodes: 1 }]);
  const longest = Math.max(...seconds);
  return {
    run: 'run',
    startedAt: '2026-01-02T03:04:05.000Z',
    command: 'run',
    outcome: 'done',
    hosts: ['here'],
    seconds: longest,
    lanes,
  };
}

const labels = (page: string) =>
  [...page.matchAll(/<li><svg [^>]*><rect [^>]*fill="(#\w+)"\/><\/svg>([^<]*)/g)].map(([, colour, label]) => [
    label,
    colour,
  ]);

describe('runsSection', () => {
  it('has nothing to show of no run', () => {
    expect(runsSection([])).toBeUndefined();
  });

  it('gives each of the stages that took longest a colour, and the others one together', () => {
    const page = runsSection([timeline([1, 9, 2, 8, 3, 7, 4, 6, 5])])?.text ?? '';
    const shown = labels(page);
    expect(shown.map(([label]) => label)).toEqual([
      'stage 1',
      'stage 3',
      'stage 5',
      'stage 7',
      'stage 8',
      'stage 6',
      'stage 4',
      '2 other stages',
    ]);
    expect(new Set(shown.map(([, colour]) => colour)).size).toBe(8);
    const grey = shown[7]?.[1];
    expect([...page.matchAll(new RegExp(`fill="${grey}"><title>([^:]*)`, 'g'))].map(([, stage]) => stage)).toEqual([
      'stage 0',
      'stage 2',
    ]);
  });

  it('speaks of no other stages where there are none', () => {
    expect(labels(runsSection([timeline([1, 2])])?.text ?? '')).toHaveLength(2);
  });

  it('keeps the labels of the axis inside the picture', () => {
    const page = runsSection([timeline([100])])?.text ?? '';
    const anchors = [...page.matchAll(/<text x="([\d.]+)" y="\d+" text-anchor="(\w+)"/g)].map(([, x, anchor]) => [
      Number(x),
      anchor,
    ]);
    expect(anchors.at(0)).toEqual([0, 'start']);
    expect(anchors.at(-1)).toEqual([1000, 'end']);
  });
});
