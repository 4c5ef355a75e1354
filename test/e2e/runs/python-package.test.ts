import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunReport, reportOf } from '../support/command-line.ts';
import { linkPackages, temporaryFolder } from '../support/folders.ts';
import { Project, projectOf } from '../support/project.ts';
import { engine } from '../support/repository.ts';

const PIPELINE = `version: 1
name: package
stages:
  fit:
    command: [python3, fit.py]
    code: [fit.py]
    secrets: [PYTHONPATH]
    params: {scale: 3}
    outputs: {fitted: json}
  other:
    command: [python3, other.py, "{outputs.made}"]
    code: [other.py]
    outputs: {made: json}
targets: {all: {files: {fitted.json: fit.fitted, other.json: other.made}}}
`;

const FIT = `import json
import vmfdag
from vmfdag.statistics import DirectionalSamples
vmfdag.metric("loss", 0.5)
vmfdag.save("fitted", [vmfdag.params.scale, DirectionalSamples.__name__])
`;

const FILES = {
  'pipeline.yaml': PIPELINE,
  'fit.py': FIT,
  'other.py': 'import sys\nopen(sys.argv[1], "w").write("1")\n',
};

/** Clocks of file systems lag: what was written just now may have been written while the program ran. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

/** A project that has a copy of the engine in its own folder, as npm installs it. */
class ProjectWithEngine {
  readonly project = new Project(temporaryFolder());
  private readonly installed = this.project.path('node_modules/vmfdag');

  constructor(fit: string) {
    linkPackages(this.project.directory);
    rmSync(this.installed);
    for (const part of ['bin', 'dist', 'schemas', 'package.json']) {
      cpSync(join(engine, part), join(this.installed, part), {
        recursive: true,
        filter: (path) => !path.includes('__pycache__'),
      });
    }
    const files = { ...FILES, 'fit.py': fit, 'package.json': '{"type": "module"}\n' };
    for (const [path, text] of Object.entries(files)) this.project.write(path, text);
  }

  /** Adds an empty line to a file of its Python package, as another version would differ. */
  async change(file: string): Promise<void> {
    appendFileSync(join(this.installed, 'dist/python/vmfdag', file), '\n');
    await settle();
  }

  run(): RunReport {
    const args = [join(this.installed, 'bin/vmfdag.cjs'), 'run', '--json'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: this.project.directory,
      encoding: 'utf8',
    });
    return reportOf({ code: status, signal: null, stdout, stderr });
  }
}

/** Imports it in a process that is killed. */
const FIT_BY_ANOTHER = `import subprocess, sys
subprocess.run([sys.executable, "-c", "import vmfdag.statistics, os; os.kill(os.getpid(), 9)"])
open("outputs/fitted.json", "w").write("1")
`;

describe('import vmfdag', () => {
  it('finds the package of the engine in a command, without an installation', async () => {
    const project = projectOf(FILES);
    expect(await project.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    expect(JSON.parse(project.read('results/fitted.json'))).toEqual([3, 'DirectionalSamples']);
    expect((await project.run()).started).toEqual([]);
  });

  it('finds the one of the environment first, and that one counts once it is there', async () => {
    const project = projectOf(FILES);
    const packages = join(temporaryFolder(), 'site-packages');
    const env = { PYTHONPATH: packages };
    expect(await project.run([], { env })).toMatchObject({ code: 0 });
    cpSync(join(engine, 'dist/python/vmfdag'), join(packages, 'vmfdag'), { recursive: true });
    appendFileSync(join(packages, 'vmfdag/statistics.py'), '\nDirectionalSamples.__name__ = "own"\n');
    await settle();
    expect((await project.run([], { env })).started).toEqual(['fit']);
    expect(JSON.parse(project.read('results/fitted.json'))).toEqual([3, 'own']);
  });

  it.each([
    { name: 'a process', fit: FIT, unused: 'torch.py' },
    { name: 'a killed process', fit: FIT_BY_ANOTHER, unused: 'py.typed' },
  ])('is software that $name used: another version reruns that node, and no other', async ({ fit, unused }) => {
    const made = new ProjectWithEngine(fit);
    await settle();
    // The package lies in the folder of the project, and is none of its files.
    expect(made.run()).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    expect(made.run().started).toEqual([]);
    await made.change(unused);
    expect(made.run().started).toEqual([]);
    await made.change('statistics.py');
    expect(made.run()).toMatchObject({ code: 0, started: ['fit'] });
  });
});
