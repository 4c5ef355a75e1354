import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

function withGpuStage(): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: gpus
stages:
  prepare:
    command: "echo data > {outputs.data}"
    outputs: {data: csv}
  train:
    command: "wc -c < {inputs.data} > {outputs.model}"
    inputs: {data: prepare.data}
    resources: {gpus: 1}
    outputs: {model: csv}
  plot:
    command: "cat {inputs.model} > {outputs.figure}"
    inputs: {model: train.model}
    outputs: {figure: csv}
targets: {all: {files: {figure.csv: plot.figure}}}
`,
  });
}

/** A program in the place of the driver's, since a test cannot change a driver. */
function installTool(project: Project, driver: string): Readonly<Record<string, string>> {
  project.write(
    'tools/nvidia-smi',
    `#!/bin/sh
cat <<'END'
Driver Version                            : ${driver}
CUDA Version                              : 12.4
GPU 00000000:00:08.0
    Product Name                          : NVIDIA H200
END
`,
  );
  chmodSync(project.path('tools/nvidia-smi'), 0o755);
  return { PATH: `${project.path('tools')}:${process.env.PATH}` };
}

describe('the GPUs of a machine', () => {
  it('are in the keys of the stages that ask for one, and in no other', async () => {
    const project = withGpuStage();
    const env = installTool(project, '550.54.15');
    expect((await project.run([], { env })).started).toHaveLength(3);
    expect((await project.run([], { env })).started).toEqual([]);

    installTool(project, '570.86.10');
    const { stdout } = await project.execute(['explain', 'train'], { env });
    expect(stdout).toContain(
      'GPUs: NVIDIA H200, driver 550.54.15, CUDA 12.4 → NVIDIA H200, driver 570.86.10, CUDA 12.4',
    );
    // Its bytes are the same, so what reads them does not run.
    expect((await project.run([], { env })).started).toEqual(['train']);
    installTool(project, '550.54.15');
    expect((await project.run([], { env })).started).toEqual([]);
  });
});
