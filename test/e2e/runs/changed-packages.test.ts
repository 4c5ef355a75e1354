import { symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

const stage = (imports: string, inputs: string, run: string) =>
  `import { defineStage, json, one } from 'vmfdag/stage';
import * as v from 'valibot';
${imports}
export default defineStage({ params: v.object({}), inputs: {${inputs}}, outputs: { made: json() }, run: async () => ({ made: ${run} }) });
`;

/** The first stage edits a package, as a person may while it runs. The second one imports it. */
function project(): Project {
  const made = projectOf({
    'pipeline.yaml': `version: 1
name: changed
stages:
  first: {run: stages/first.ts, outputs: {made: json}}
  second: {run: stages/second.ts, inputs: {made: first.made}, outputs: {made: json}}
targets: {all: {files: {second.json: second.made}}}
`,
    'stages/first.ts': stage(
      "import { writeFileSync } from 'node:fs';",
      '',
      "(writeFileSync('packages/work/index.js', 'export const work = 2;\\n'), 1)",
    ),
    'stages/second.ts': stage("import { work } from 'work';", 'made: one(json())', 'work'),
    'packages/work/package.json': '{"name": "work", "version": "1.0.0", "type": "module", "main": "index.js"}\n',
    'packages/work/index.js': 'export const work = 1;\n',
  });
  symlinkSync('../packages/work', made.path('node_modules/work'));
  return made;
}

describe('a package that changes after a run has begun', () => {
  it('fails the stage that would load it, and the next run executes it under its own key', async () => {
    const made = project();
    const failed = await made.execute(['run']);
    expect(failed.stdout + failed.stderr).toContain(
      'stage second would load packages that have changed after the run had begun: work',
    );
    expect(failed.code).toBe(2);
    expect((await made.run()).started).toEqual(['second']);
    expect(JSON.parse(made.read('results/second.json'))).toBe(2);
    made.write('packages/work/index.js', 'export const work = 1;\n');
    expect((await made.run()).started).toEqual(['second']);
    expect(JSON.parse(made.read('results/second.json'))).toBe(1);
  });

  it('fails nothing where only its comments have changed', async () => {
    const made = project();
    made.edit('stages/first.ts', 'work = 2;', 'work = 1; // one');
    expect(await made.run()).toMatchObject({ code: 0, started: ['first', 'second'] });
    expect((await made.run()).started).toEqual([]);
  });
});

describe('a package that a command imports', () => {
  const MAIN = `import { writeFileSync } from 'node:fs';
import { work } from 'work';
writeFileSync(process.argv[2], String(work));
if (work === 1) writeFileSync(process.argv[3], 'export const work = 2;\\n');
`;

  it('fails the command if it changes before its end; the next run executes it under its own key', async () => {
    const made = projectOf({
      'pipeline.yaml': `version: 1
name: changed
params: {package: ""}
stages:
  only: {command: [node, main.js, "{outputs.made}", "\${package}"], code: [main.js], outputs: {made: json}}
targets: {all: {files: {made.json: only.made}}}
`,
      'main.js': MAIN,
      'packages/work/package.json': '{"name": "work", "version": "1.0.0", "type": "module", "main": "index.js"}\n',
      'packages/work/index.js': 'export const work = 1;\n',
    });
    symlinkSync('../packages/work', made.path('node_modules/work'));
    const args = ['run', '--set', `package=${made.path('packages/work/index.js')}`];
    const failed = await made.execute(args);
    expect(failed.stdout + failed.stderr).toContain('packages that have changed after the run had begun: work');
    expect(failed.code).toBe(2);
    expect((await made.execute(args)).code).toBe(0);
    expect(made.read('results/made.json')).toBe('2');
    made.write('packages/work/index.js', 'export const work = 3;\n');
    expect((await made.execute(args)).code).toBe(0);
    expect(made.read('results/made.json')).toBe('3');
    // The first attempt has left no result under its key: it is executed again.
    made.write('packages/work/index.js', 'export const work = 1;\n');
    expect((await made.execute(args)).code).toBe(2);
  });
});
