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
    ['{command: [a], undeclared: ignore, outputs: {o: json}}', '"undeclared" is for stages with "run"'],
    ['{command: [], outputs: {o: json}}', '"command" names no program'],
    ['{command: " ", outputs: {o: json}}', '"command" names no program'],
    ['{command: [a, "{outputs.p}"], outputs: {o: json}}', 'the stage has no output "p"'],
    ['{command: [a, "{inputs.p}"], outputs: {o: json}}', 'the stage has no input "p"'],
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
