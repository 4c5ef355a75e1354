import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Switch, World } from './world.ts';

const MAIN = (constant: string) => `import json, sys
from importlib import metadata
import greeting

json.dump([${constant}, greeting.TEXT, metadata.version("greeting")], open(sys.argv[1], "w"))
`;

const PIPELINE = (lock: string, interpreter: string) => `version: 1
name: lock-edits
stages:
  greet:
    command: [python, -B, main.py, "{outputs.out}"]
    code: [main.py]
    environment: {lock: ${lock}, interpreter: ${interpreter}/bin/python}
    outputs: {out: json}
  count:
    command: "wc -c < {inputs.out} > {outputs.bytes}; cat {inputs.out} >> {outputs.bytes}"
    inputs: {out: greet.out}
    outputs: {bytes: csv}
targets:
  result: {files: {result.json: greet.out, count.csv: count.bytes}}
`;

/** Ways to write the same versions. The bytes of a lock file count, so each of them reruns. */
const LOOKS: Readonly<Record<string, (version: string) => string>> = {
  plain: (version) => `greeting==${version}\n`,
  comment: (version) => `# Of the team.\ngreeting==${version}  # pinned\n`,
  hash: (version) => `greeting==${version} \\\n    --hash=sha256:00\n`,
  conditional: (version) => `greeting == ${version}\nnothing==1 ; python_version < "3"\n`,
  open: () => 'greeting>=1\n',
};

/** How the interpreter of the machine is called, and where it looks for packages. */
function python(): { readonly executable: string; readonly library: string } {
  const question =
    'import sys; print(getattr(sys, "_base_executable", sys.executable)); print("lib/python%d.%d/site-packages" % sys.version_info[:2])';
  const { stdout } = spawnSync('python3', ['-c', question], { encoding: 'utf8' });
  const [executable = '', library = ''] = stdout.trim().split('\n');
  return { executable, library };
}

/** A new project with a command in an environment of pip, and all that can be edited in it; `isNeutral` marks edits that may rerun nothing. */
export function newLockWorld(folder: string): {
  readonly world: World;
  readonly switches: readonly (Switch & { readonly isNeutral?: true })[];
} {
  const world = new World(folder);
  const { executable, library } = python();
  // What `python3 -m venv` makes, without what it copies.
  for (const name of ['venv', 'other']) {
    const programs = world.path(`project/${name}/bin`);
    mkdirSync(programs, { recursive: true });
    symlinkSync(executable, `${programs}/python`);
    world.write(`project/${name}/pyvenv.cfg`, `home = ${dirname(executable)}\ninclude-system-site-packages = false\n`);
  }
  const lock = { version: '1.0', look: 'plain' };
  const project = { lock: 'requirements.txt', interpreter: 'venv' };
  const writeLocks = () => {
    const text = (LOOKS[lock.look] as (version: string) => string)(lock.version);
    world.write('project/requirements.txt', text);
    // Another file with the same bytes: its path is in the keys too.
    world.write('project/requirements-other.txt', text);
  };
  const writePipeline = () => world.write('project/pipeline.yaml', PIPELINE(project.lock, project.interpreter));
  const install = (where: string, name: string, version: string) => {
    const site = `project/${where}/${library}`;
    world.remove(`${site}/${name}.py`);
    for (const known of ['1.0', '2.0', '3.0']) world.remove(`${site}/${name}-${known}.dist-info`);
    if (version === 'none') return;
    world.write(`${site}/${name}.py`, `TEXT = "${name} ${version}"\n`);
    world.write(`${site}/${name}-${version}.dist-info/METADATA`, `Name: ${name}\nVersion: ${version}\n`);
  };
  const bothInstalled = (version: string) => {
    for (const where of ['venv', 'other']) install(where, 'greeting', version);
  };
  const switches: readonly (Switch & { readonly isNeutral?: true })[] = [
    {
      name: 'the lock file, and what is installed',
      ways: ['1.0', '2.0', '3.0'],
      set: (_world, way) => {
        lock.version = way;
        writeLocks();
        bothInstalled(way);
      },
    },
    {
      name: 'the look of the lock file',
      ways: Object.keys(LOOKS),
      set: (_world, way) => {
        lock.look = way;
        writeLocks();
      },
    },
    // Each of these may differ from the lock file: then no run succeeds, on whatever cache.
    {
      name: 'what is installed',
      ways: ['as locked', '1.0', '2.0', 'none'],
      set: (_world, way) => bothInstalled(way === 'as locked' ? lock.version : way),
    },
    // Otherwise most edits would be of a project that fails anyway.
    ...['first', 'second', 'third'].map((which) => ({
      name: `a lock file and packages that agree, the ${which} way`,
      ways: ['so', 'once more'],
      set: () => {
        lock.look = 'plain';
        writeLocks();
        bothInstalled(lock.version);
      },
    })),
    {
      name: 'the path of the lock file',
      ways: ['requirements.txt', 'requirements-other.txt'],
      set: (_world, way) => {
        project.lock = way;
        writePipeline();
      },
    },
    {
      name: 'the path of the interpreter',
      ways: ['venv', 'other'],
      isNeutral: true,
      set: (_world, way) => {
        project.interpreter = way;
        writePipeline();
      },
    },
    { name: 'a constant of the entry', ways: ['1', '2'], set: (each, way) => each.write('project/main.py', MAIN(way)) },
    {
      name: 'an unrelated package',
      ways: ['none', '1.0', '2.0'],
      isNeutral: true,
      set: (_world, way) => install('venv', 'unrelated', way),
    },
    {
      name: 'an unrelated lock file',
      ways: ['1', '2'],
      isNeutral: true,
      set: (each, way) => each.write('project/requirements-unused.txt', `unused==${way}\n`),
    },
  ];
  for (const each of switches) each.set(world, each.ways[0] as string);
  return { world, switches };
}
