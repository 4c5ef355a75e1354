import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../src/engine/base/failure.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';

function load(stage: string) {
  const text = `version: 1\nname: x\nparams: {rate: 0.1, flags: [a, b]}\nstages:\n  a:\n    ${stage}\n`;
  return loadPipeline({ file: 'pipeline.yaml', text }).stages.get('a')?.program;
}

function factsOf(stage: string): readonly string[] {
  try {
    load(stage);
  } catch (error) {
    if (isFailure(error)) return error.diagnostics.map(({ fact }) => fact);
    throw error;
  }
  return [];
}

describe('the command of a stage', () => {
  it('is read in pieces', () => {
    const program = load(
      `each: {seed: [1]}\n    command: [awk, "{print}", "--r=\${rate}", "\${seed}", 7, "$\${HOME}", "{outputs.o}"]\n    outputs: {o: json}`,
    );
    expect(program).toMatchObject({
      kind: 'command',
      form: 'words',
      words: [
        [{ kind: 'text', text: 'awk' }],
        [{ kind: 'text', text: '{print}' }],
        [
          { kind: 'text', text: '--r=' },
          { kind: 'param', name: `\${rate}` },
        ],
        [{ kind: 'coordinate', name: 'seed' }],
        [{ kind: 'text', text: '7' }],
        [{ kind: 'text', text: `\${HOME}` }],
        [{ kind: 'output', name: 'o' }],
      ],
    });
  });

  it.each([
    ['outputs: {o: json}', 'the stage says neither "run" nor "command"'],
    ['{command: [a], run: a.ts, outputs: {o: json}}', 'a stage runs a module or a command'],
    ['{run: a.ts, code: [a.py], outputs: {o: json}}', '"code" is for stages with "command"'],
    ['{run: a.ts, undeclared: strace, outputs: {o: json}}', '"undeclared: strace" is for stages with "command"'],
    ['{command: [], outputs: {o: json}}', '"command" names no program'],
    ['{command: " ", outputs: {o: json}}', '"command" names no program'],
    ['{command: [a, "{outputs.p}"], outputs: {o: json}}', 'the stage has no output "p"'],
    ['{command: [a, "{inputs.p}"], outputs: {o: json}}', 'the stage has no input "p"'],
    ['{command: [a, "{output.o}"], outputs: {o: json}}', '{output.o} would reach the program as it is'],
    ['{command: "a > {output.o}", outputs: {o: json}}', '{output.o} would reach the program as it is'],
    [
      '{command: [a], code: [inputs/a.py], outputs: {o: json}}',
      '"inputs/a.py" cannot be code: a command finds its inputs in inputs/',
    ],
  ])('%s is refused', (stage, fact) => {
    expect(factsOf(stage)).toContain(fact);
  });

  it.each(['/a.py', '../a.py', 'a/../b.py', './a.py', 'a\\b.py'])('code is inside the project: %s', (path) => {
    expect(factsOf(`{command: [a], code: ['${path}'], outputs: {o: json}}`)).toEqual([
      `${JSON.stringify(path)} is not a relative path inside the project`,
    ]);
  });
});

describe('the paths of a command', () => {
  const stage = (paths: string) =>
    `{command: [a], inputs: {i: s, j: s}, outputs: {o: json, p: directory}, paths: ${paths}}`;

  it('are read with the files of params', () => {
    const program = load(
      '{command: [a], outputs: {o: json}, paths: {outputs: {o: a/b}, params: {p.yaml: x, q.json: y}}}',
    );
    const params = [
      { path: 'p.yaml', name: 'x' },
      { path: 'q.json', name: 'y' },
    ];
    expect(program).toMatchObject({ paths: { inputs: {}, outputs: { o: 'a/b' }, params } });
    expect(load('{command: [a], outputs: {o: json}}')).toMatchObject({ paths: undefined });
  });

  it.each([
    ['{inputs: {k: a}}', 'the stage has no input "k"'],
    ['{outputs: {i: a}}', 'the stage has no output "i"'],
    ['{inputs: {i: a, j: a}}', '"a" is named twice'],
    ['{inputs: {i: a}, outputs: {o: a/b/c, p: a.b}}', '"a/b/c" is inside of "a"'],
    ['{inputs: {i: a}, params: a/p.yaml}', '"a/p.yaml" is inside of "a"'],
    ['{inputs: {i: inputs}}', '"inputs" is a folder of the engine'],
    ['{outputs: {p: .vmfdag/x}}', '".vmfdag/x" is a folder of the engine'],
  ])('%s is refused', (paths, fact) => {
    expect(factsOf(stage(paths))).toContain(fact);
  });

  it.each(['/a', '../a', 'a/../b', './a', 'a\\b', 'a/..', 'a/'])('stay in the folder of the command: %s', (path) => {
    expect(factsOf(stage(`{inputs: {i: '${path}'}}`))).toHaveLength(1);
    expect(factsOf(stage(`{params: '${path}/p.yaml'}`))).toHaveLength(1);
  });

  it.each(['p.toml', 'p', 'p.yaml/', '.yaml'])('are of a format that is known: %s', (path) => {
    expect(factsOf(stage(`{params: ${path}}`))).toHaveLength(1);
  });

  it('are for commands', () => {
    expect(factsOf('{run: a.ts, outputs: {o: json}, paths: {}}')).toEqual(['"paths" is for stages with "command"']);
  });
});
