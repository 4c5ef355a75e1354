import { beforeAll, describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const ESCAPE = '\x1b]52;c;cHduZWQ=\x07\u009b2J\u202e';
const SHOWN = String.raw`\x1b]52;c;cHduZWQ=\x07\x9b2J\u202e`;

/** What a terminal acts on, in the output of a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: to find them is what it is for.
const ACTED_ON = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/;

const PIPELINE = `version: 1
name: hostile
params: {names: [a, ${JSON.stringify(`x${ESCAPE}`)}], text: ${JSON.stringify(ESCAPE)}}
profiles:
  other: {}
stages:
  good: {run: stages/good.ts, each: {name: "\${names}"}, params: {text: "\${text}"}, outputs: {out: json}}
  bad: {run: stages/bad.ts, outputs: {out: json}}
targets:
  t: {nodes: [good]}
`;

const stage = (body: string) => `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

const ESCAPE = ${JSON.stringify(ESCAPE)};
export default defineStage({ params: v.any(), inputs: {}, outputs: { out: json<string>() }, run(context: any) { ${body} } });
`;

let project: Project;

beforeAll(async () => {
  project = projectOf({
    'pipeline.yaml': PIPELINE,
    'stages/good.ts': stage('console.log(ESCAPE); context.log(ESCAPE); return { out: ESCAPE };'),
    'stages/bad.ts': stage('console.error(ESCAPE); throw new Error(ESCAPE);'),
    'described.yaml': `version: 1\nname: t\ndescription: ${JSON.stringify(ESCAPE)}\n`,
    'broken.yaml': `version: 1\nname: t\nfoo: ${JSON.stringify(ESCAPE).replace('\\u001b', '\x1b')}\n`,
  });
});

/** Everything that a command prints. */
async function printed(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await project.execute(args, { env: { NO_COLOR: '1' } });
  return stdout + stderr;
}

describe('no command hands a terminal what a stage or a file would have it do', () => {
  it('run and history', async () => {
    const output = await printed('run', '--target', 'good', '--target', 'bad', '--keep-going');
    expect(output).not.toMatch(ACTED_ON);
    expect(output).toContain(`stage bad threw: ${SHOWN}`);
    expect(await printed('history', 'show')).not.toMatch(ACTED_ON);
  });

  it.each([
    ['the text of a pipeline file', ['status', '--file', 'broken.yaml']],
    ['a description', ['status', '--file', 'described.yaml']],
    ['an option', ['status', `--${ESCAPE}`]],
    ['a command', [ESCAPE]],
    ['the name of a file', ['status', '--file', ESCAPE]],
    ['the name of a target', ['status', '--target', ESCAPE]],
    ['a param', ['status', '--set', `text=${ESCAPE}`]],
    ['a param that is not there', ['status', '--set', `${ESCAPE}=1`]],
    ['what changed', ['explain', 'good', '--set', 'text=other']],
    ['a folder', ['init', `pipeline.yaml/${ESCAPE}`]],
    ['a plan', ['run', '--dry-run', '--force', 'good']],
    ['a graph', ['graph', '--expand', 'good', '--states']],
    ['a graph of Graphviz', ['graph', '--expand', 'good', '--format', 'dot']],
    ['a drawing', ['graph', '--expand', 'good', '--format', 'svg']],
    ['a page', ['graph', '--expand', 'good', '--format', 'html']],
    ['completed targets', ['complete', '--shell', 'zsh', '--', 'run', '--target', '']],
    ['completed params', ['complete', '--shell', 'fish', '--', 'run', '--set', '']],
    ['completed profiles', ['complete', '--shell', 'zsh', '--', 'run', '--profile', '']],
    ['completed nodes', ['complete', '--shell', 'bash', '--', 'explain', 'good/']],
  ])('%s', async (_, args) => {
    expect(await printed(...args)).not.toMatch(ACTED_ON);
  });

  it('JSON, which has the values all the same', async () => {
    const { stdout } = await project.execute(['cache', 'show', 'good/a']);
    expect(stdout).not.toMatch(ACTED_ON);
    expect(JSON.parse(stdout)).toMatchObject({ params: { text: ESCAPE }, log: `${ESCAPE}\n${ESCAPE}\n` });
    const events = await project.execute(['run', '--json', '--target', 'bad']);
    expect(events.stdout).not.toMatch(ACTED_ON);
    expect(
      events.stdout
        .split('\n')
        .filter(Boolean)
        .map((event) => JSON.parse(event)),
    ).toContainEqual(
      expect.objectContaining({
        type: 'failed',
        diagnostic: expect.objectContaining({ fact: `stage bad threw: ${ESCAPE}` }),
      }),
    );
  });

  it('completion offers no value under another name', async () => {
    project.write(
      'odd.yaml',
      `version: 1\nname: t\nparams: {${JSON.stringify(`k${ESCAPE}`)}: 1, plain: 2}\nstages: {a: {run: a.ts, outputs: {o: json}}}\n`,
    );
    expect(await printed('complete', '--shell', 'zsh', '--', 'run', '--file', 'odd.yaml', '--set', '')).toBe(
      'list\nplain=\tnow 2\n',
    );
  });
});
