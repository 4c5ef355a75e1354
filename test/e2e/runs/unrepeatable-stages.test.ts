import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** `draw` gives other bytes each time, and does not keep them; two stages read them, and `join` reads those. */
function draws(more: string): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: draws
params: {unit: m}
stages:
  draw:
    command: "od -An -N8 -tx8 /dev/urandom > {outputs.number}"
    outputs: {number: csv}
    retain: {number: none}
    ${more}
  label:
    command: "echo \${unit} $(cat {inputs.number}) > {outputs.text}"
    inputs: {number: draw.number}
    outputs: {text: csv}
  copy:
    command: "sed 's/^/copied/' {inputs.number} > {outputs.text}"
    inputs: {number: draw.number}
    outputs: {text: csv}
  size:
    command: "wc -c < {inputs.text} > {outputs.bytes}"
    inputs: {text: copy.text}
    outputs: {bytes: csv}
  join:
    command: "cat {inputs.label} {inputs.copy} {inputs.size} > {outputs.all}"
    inputs: {label: label.text, copy: copy.text, size: size.bytes}
    outputs: {all: csv}
targets: {all: {files: {all.csv: join.all}}}
`,
  });
}

describe('a stage that does not repeat its bytes', () => {
  it('may be restored with other ones, and what depends on them runs again', async () => {
    const project = draws('reproducible: false');
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 5 } });
    const run = await project.run(['--set', 'unit=km']);
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { outcome: 'done', restored: 1, executed: 4 } });
    // The copy has the same size as before. `join` reads the copy too.
    expect([...run.started].sort()).toEqual(['copy', 'draw', 'join', 'label', 'size']);
    const [labelled = '', copied = ''] = project.read('results/all.csv').split('\n');
    expect(labelled.replace('km ', 'copied ')).toBe(copied);
    expect((await project.run(['--set', 'unit=km'])).started).toEqual([]);
    expect((await project.execute(['cache', 'verify'])).code).toBe(0);
  });

  it('says what happened, and why', async () => {
    const project = draws('reproducible: false');
    await project.run();
    const { stdout } = await project.execute(['run', '--set', 'unit=km']);
    expect(stdout).toContain('changed  draw  restored with other bytes: what depends on it is looked at again');
    expect(stdout).toMatch(/start {4}copy {2}\(.*number/);
  });

  it('has no part in an audit', async () => {
    const project = draws('reproducible: false\n    # kept');
    await project.run();
    const { code, stdout } = await project.execute(['run', '--audit', '10']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/audit .*draw/) });
  });

  it('has to say so', async () => {
    const project = draws('retries: 0');
    await project.run();
    const { code, stdout } = await project.execute(['run', '--set', 'unit=km']);
    expect(code).toBe(1);
    expect(stdout).toContain('draw was executed again with the same key and gave other bytes');
    expect(stdout).toContain('a stage that cannot repeat its bytes says "reproducible: false"');
  });
});
