import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { condaPlatform } from '../../../src/engine/environments/conda-packages.ts';
import { type Project, projectOf } from '../support/project.ts';
import { StandIns } from '../support/stand-ins.ts';

// What these tools would be called with: stand-ins record it, and start the command as it is.

const platform = condaPlatform(process.platform, process.arch);

function oneStage(environment: string, files: Readonly<Record<string, string>>, more = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: tools
stages:
  given:
    command: "echo given > {outputs.text}"
    outputs: {text: csv}
  only:
    command: [sh, -c, "cat $0 code.txt > $1", "{inputs.text}", "{outputs.made}"]
    code: [code.txt]
    environment: ${environment}
    inputs: {text: given.text}
    outputs: {made: csv}
${more}`.replace(
      '[cat, "{inputs.text}", code.txt]',
      '[sh, -c, "cat $0 code.txt > $1", "{inputs.text}", "{outputs.made}"]',
    ),
    'code.txt': 'code\n',
    ...files,
  });
}

const COMMAND = ['sh', '-c', 'cat $0 code.txt > $1', 'inputs/text.csv', 'outputs/made.csv'];

async function refusal(project: Project, env: Readonly<Record<string, string>>) {
  const { code, stderr } = await project.execute(['run'], { env });
  return { code, stderr };
}

async function explained(project: Project, env: Readonly<Record<string, string>>): Promise<string> {
  return (await project.execute(['explain', 'only'], { env })).stdout;
}

describe('an environment of conda-lock', () => {
  const lock = (version: string) => `version: 1
metadata: {platforms: [${platform}]}
package:
${[
  ['python', '3.11.4', 'hab00c5b_0_cpython'],
  ['numpy', version, 'py311h64a7726_0'],
]
  .map(
    ([name, number, build]) => `- name: ${name}
  version: ${number}
  manager: conda
  platform: ${platform}
  url: channel/${platform}/${name}-${number}-${build}.conda
  category: main
  optional: false
`,
  )
  .join('')}- name: Greet_ing
  version: '1.0'
  manager: pip
  platform: ${platform}
  url: simple/greeting-1.0.whl
  category: main
- name: pytest
  version: 8.0.0
  manager: conda
  platform: ${platform}
  url: channel/noarch/pytest-8.0.0-pyhd8ed1ab_0.conda
  category: dev
  optional: true
`;
  const install = (project: Project, prefix: string, version: string) => {
    rmSync(project.path(`${prefix}/conda-meta`), { recursive: true, force: true });
    for (const record of ['python-3.11.4-hab00c5b_0_cpython', `numpy-${version}-py311h64a7726_0`]) {
      project.write(`${prefix}/conda-meta/${record}.json`, '{}');
    }
    project.write(`${prefix}/lib/python3.11/site-packages/greet_ing-1.0.dist-info/METADATA`, '');
  };

  it('runs by micromamba in its folder, has to hold what the file says, and is in the keys', async () => {
    const tools = new StandIns();
    const project = oneStage('{lock: conda-lock.yml, prefix: .conda}', { 'conda-lock.yml': lock('1.26.0') });
    tools.write('micromamba', '[ "$1" = run ] || exit 0\nshift 3; exec "$@"');
    expect(await refusal(project, tools.env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /pipeline\.yaml:\d+:\d+ .*in \.conda differs from conda-lock\.yml: python is missing, numpy is missing, Greet_ing is missing/,
      ),
    });
    expect((await refusal(project, tools.env)).stderr).toContain(
      'fix: micromamba create -y -p .conda -f conda-lock.yml',
    );

    install(project, '.conda', '1.26.0');
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    expect(tools.calls('micromamba').at(-1)).toEqual(['run', '-p', project.path('.conda'), ...COMMAND]);
    expect(await explained(project, tools.env)).toMatch(
      new RegExp(`environment: conda-lock.yml [0-9a-f]{12}, python 3.11.4, ${platform}`),
    );
    const calls = tools.calls('micromamba').length;
    expect((await project.run([], { env: tools.env })).started).toEqual([]);
    expect(tools.calls('micromamba')).toHaveLength(calls);

    project.write('conda-lock.yml', lock('2.0.0'));
    expect((await refusal(project, tools.env)).stderr).toContain('numpy 1.26.0 for 2.0.0');
    install(project, '.conda', '2.0.0');
    expect((await project.run([], { env: tools.env })).started).toEqual(['only']);
  });

  it('may have a name', async () => {
    const tools = new StandIns();
    const project = oneStage('{lock: env/tools.conda-lock.yml, name: analysis}', {
      'env/tools.conda-lock.yml': lock('1.26.0'),
    });
    tools.write(
      'micromamba',
      `case $1 in run) shift 3; exec "$@" ;; esac\necho '{"envs": ["/nowhere/other", "${project.path('envs/analysis')}"]}'`,
    );
    install(project, 'envs/analysis', '1.26.0');
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '' });
    expect(tools.calls('micromamba')[0]).toEqual(['env', 'list', '--json']);
    expect(tools.calls('micromamba').at(-1)).toEqual(['run', '-n', 'analysis', ...COMMAND]);
  });

  it('needs micromamba', async () => {
    const project = oneStage('{lock: conda-lock.yml, prefix: .conda}', { 'conda-lock.yml': lock('1.26.0') });
    const { stderr } = await refusal(project, { PATH: '/usr/bin:/bin' });
    expect(stderr).toContain('needs micromamba, which is not there');
    expect(stderr).toContain('fix: install it: ');
  });
});

describe('an environment of pixi', () => {
  const lock = (version: string) => `version: 6
environments:
  gpu:
    channels: [{url: channel/}]
    packages:
      ${platform}:
      - conda: channel/${platform}/python-${version}-hab00c5b_0_cpython.conda
      - pypi: simple/greeting-1.0-py3-none-any.whl
packages:
- conda: channel/${platform}/python-${version}-hab00c5b_0_cpython.conda
  sha256: 00
- pypi: simple/greeting-1.0-py3-none-any.whl
  name: greeting
  version: '1.0'
`;

  it('runs by pixi as it is installed, has to hold what the file says, and is in the keys', async () => {
    const tools = new StandIns();
    const project = oneStage('{lock: pixi.lock, name: gpu}', { 'pixi.lock': lock('3.12.0') });
    const prefix = project.path('.pixi/envs/gpu');
    tools.write(
      'pixi',
      `case $1 in run) shift 7; exec "$@" ;; esac\necho '{"environments_info": [{"name": "default", "prefix": "/nowhere"}, {"name": "gpu", "prefix": "${prefix}"}]}'`,
    );
    const missing = await refusal(project, tools.env);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('python is missing, greeting is missing'),
    });
    expect(missing.stderr).toContain('fix: pixi install --locked -e gpu --manifest-path .');

    project.write('.pixi/envs/gpu/conda-meta/python-3.12.0-hab00c5b_0_cpython.json', '{}');
    project.write('.pixi/envs/gpu/lib/python3.12/site-packages/greeting-1.0.dist-info/METADATA', '');
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    expect(tools.calls('pixi').at(-1)).toEqual([
      ...['run', '--as-is', '--executable', '--manifest-path', project.directory, '-e', 'gpu'],
      ...COMMAND,
    ]);
    expect(await explained(project, tools.env)).toMatch(
      new RegExp(`environment: pixi.lock [0-9a-f]{12}, python 3.12.0, ${platform}`),
    );
    project.write('pixi.lock', lock('3.13.0'));
    expect((await refusal(project, tools.env)).stderr).toContain('python 3.12.0 for 3.13.0');
  });

  it('has to be one that the file has', async () => {
    const tools = new StandIns();
    tools.write('pixi', 'exit 1');
    const project = oneStage('{lock: pixi.lock}', { 'pixi.lock': lock('3.12.0') });
    expect((await refusal(project, tools.env)).stderr).toContain(
      `pixi.lock has no environment default for ${platform}`,
    );
  });
});

describe('an environment of renv', () => {
  const lock = (version: string) =>
    JSON.stringify({ R: { Version: '4.3.1' }, Packages: { dplyr: { Package: 'dplyr', Version: version } } });

  it('is loaded by each R of the command, has to hold what the file says, and is in the keys', async () => {
    const tools = new StandIns();
    const project = oneStage('{lock: analysis/renv.lock, interpreter: r/bin/Rscript}', {
      'analysis/renv.lock': lock('1.1.4'),
    });
    const answer = (version: string) =>
      `printf 'version 4.3.1 \\nplatform x86_64-pc-linux-gnu \\nfile ${project.path('library')} \\npackage dplyr ${version} \\n'`;
    expect((await refusal(project, tools.env)).stderr).toContain('there is no renv/activate.R next to it');
    project.write('analysis/renv/activate.R', '');
    const missing = await refusal(project, tools.env);
    expect(missing.stderr).toContain('Rscript, which is not there');
    tools.write('Rscript', answer('1.0.0'));
    project.write('r/bin/Rscript', `#!/bin/sh\nexec Rscript "$@"\n`);
    chmodSync(project.path('r/bin/Rscript'), 0o755);
    const different = await refusal(project, tools.env);
    expect(different.stderr).toContain('the library differs from analysis/renv.lock: dplyr 1.0.0 for 1.1.4');
    expect(different.stderr).toContain("fix: (cd analysis && ../r/bin/Rscript -e 'renv::restore()')");
    tools.write('Rscript', answer('1.1.4'));
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '' });
    expect(await explained(project, tools.env)).toMatch(
      /environment: analysis\/renv.lock [0-9a-f]{12}, R 4.3.1, x86_64-pc-linux-gnu/,
    );
    project.edit('pipeline.yaml', 'cat $0 code.txt > $1', 'echo $R_PROFILE_USER $RENV_PROJECT $PATH > $1');
    project.write('pipeline.yaml', `${project.read('pipeline.yaml')}targets: {all: {files: {made.csv: only.made}}}\n`);
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '' });
    const [profile, loaded, path = ''] = project.read('results/made.csv').split(' ');
    expect([profile, loaded]).toEqual([project.path('analysis/renv/activate.R'), project.path('analysis')]);
    expect(path.startsWith(`${project.path('r/bin')}:`)).toBe(true);
  });
});

const DIGEST = 'ab'.repeat(32);

describe('an image', () => {
  it('runs by docker where that is asked for, and is removed with the run', async () => {
    const tools = new StandIns();
    const image = `registry/tools@sha256:${DIGEST}`;
    tools.write(
      'docker',
      `case $1 in
  image) [ -e "$0.pulled" ] && echo linux/amd64 || { echo "no such image" >&2; exit 1; } ;;
  run) while [ "$1" != '${image}' ]; do shift; done; shift; exec "$@" ;;
esac`,
    );
    const project = oneStage(`{image: "${image}", with: docker}`, {}, '    variables: [DECLARED]\n');
    const missing = await refusal(project, tools.env);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no such image') });
    expect(missing.stderr).toContain(`fix: bring the image: docker pull ${image}`);
    tools.write(
      'docker',
      `case $1 in image) echo linux/amd64 ;; run) while [ "$1" != '${image}' ]; do shift; done; shift; exec "$@" ;; esac`,
    );
    const env = { ...tools.env, DECLARED: 'with a blank' };
    expect(await project.run([], { env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    const call = tools.calls('docker').find(([verb]) => verb === 'run') ?? [];
    expect(call.slice(call.indexOf(image) + 1)).toEqual(COMMAND);
    const option = (name: string) =>
      call.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
    const [folder = ''] = option('workdir');
    expect(option('mount')).toEqual([
      `type=bind,source=${folder},destination=${folder}`,
      `type=bind,source=${folder}/inputs,destination=${folder}/inputs,ro`,
      expect.stringMatching(/^type=bind,source=(.*\/python),destination=\1,ro$/),
    ]);
    expect(option('env')).toEqual(
      expect.arrayContaining(['DECLARED', 'VMFDAG_PARAMS', 'TMPDIR', `HOME=${folder}/.vmfdag/tmp`]),
    );
    expect(option('env')).not.toContain('PATH');
    expect(option('user')).toEqual([`${process.getuid?.()}:${process.getgid?.()}`]);
    expect(call).toEqual(
      expect.arrayContaining(['--rm', '--pull=never', '--network=none', '--cap-drop=all', '--entrypoint=']),
    );
    expect(await explained(project, env)).toMatch(/environment: image sha256:abababababab, linux\/amd64/);

    project.edit('pipeline.yaml', '    variables:', '    undeclared: strace\n    variables:');
    const traced = await project.execute(['run', '--force', 'only'], { env });
    expect(traced.stdout + traced.stderr).toContain('which does not see into a container');
    project.edit('pipeline.yaml', '    undeclared: strace\n', '');

    project.edit('pipeline.yaml', 'cat $0 code.txt > $1', 'exit 125');
    const failed = await project.execute(['run'], { env });
    expect(failed.stdout + failed.stderr).toContain(`if the image is missing: docker pull ${image}`);
  });

  it('runs by apptainer from a file of that digest', async () => {
    const tools = new StandIns();
    const digest = createHash('sha256').update('an image').digest('hex');
    const project = oneStage(`{image: "images/tools.sif@sha256:${digest}", with: apptainer}`, {});
    tools.write(
      'apptainer',
      `while [ "$1" != '${project.path('images/tools.sif')}' ]; do shift; done; shift; exec "$@"`,
    );
    expect((await refusal(project, tools.env)).stderr).toContain('fix: bring it: apptainer pull images/tools.sif');
    project.write('images/tools.sif', 'another image');
    expect((await refusal(project, tools.env)).stderr).toContain('images/tools.sif has another digest: sha256:');
    project.write('images/tools.sif', 'an image');
    expect(await project.run([], { env: tools.env })).toMatchObject({ code: 0, stderr: '', summary: { executed: 2 } });
    const call = tools.calls('apptainer').at(-1) ?? [];
    expect(call).toEqual(expect.arrayContaining(['exec', '--containall', '--cleanenv', '--no-home', '--network=none']));
    expect(await explained(project, tools.env)).toContain(`environment: image sha256:${digest.slice(0, 12)}, linux/`);
  });

  it('needs its runner', async () => {
    const project = oneStage(`{image: "tools@sha256:${DIGEST}", with: podman}`, {});
    const { stderr } = await refusal(project, { PATH: '/nowhere' });
    expect(stderr).toContain('needs podman, which is not there');
  });
});

describe('an environment', () => {
  it.each([
    ['{image: "python:3.12"}', "shown by: podman image inspect --format '{{index .RepoDigests 0}}' python:3.12"],
    ['{image: "python:3.12", with: docker}', 'shown by: docker image inspect'],
    ['{image: tools.sif, with: apptainer}', 'shown by: sha256sum tools.sif'],
    [`{image: "tools.sif@sha256:${DIGEST}"}`, 'add "with: apptainer"'],
    [`{image: "tools@sha256:${DIGEST}", with: apptainer}`, 'apptainer pull image.sif docker://tools@sha256:'],
    [`{image: "tools@sha256:${DIGEST}", lock: uv.lock}`, 'an environment has "lock" or "image"'],
    ['{lock: conda-lock.yml}', 'say "prefix: .conda", a folder, or "name: …"'],
    ['{lock: conda-lock.yml, prefix: a, name: b}', 'has one place'],
    ['{lock: pixi.lock, interpreter: bin/python}', 'an environment of pixi.lock has no such key'],
    ['{root: rootfs, with: podman}', 'an environment of root has no such key'],
    ['{root: rootfs}', 'there is no root folder rootfs'],
    ['{interpreter: bin/python}', 'a lock file, an image or a root folder'],
  ])('is refused as %s', async (environment, message) => {
    const { code, stderr } = await oneStage(environment, {}).execute(['status']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(stderr).toMatch(/^pipeline\.yaml:\d+:\d+/);
  });
});
