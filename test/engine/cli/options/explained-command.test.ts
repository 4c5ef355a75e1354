import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildProgram } from '../../../../src/engine/cli/program.ts';
import { COMMAND_LINE_MISTAKES } from '../../../e2e/support/command-line-mistakes.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the command line says about a mistake in it, and its exit code. */
async function answer(line: string): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const code = await buildProgram('worker.cjs').run(['node', 'vmfdag', ...line.split(' ')]);
  return { code, text };
}

describe('a mistake in the command line', () => {
  it.each(COMMAND_LINE_MISTAKES)('%s: is answered with what to type', async (line, text) => {
    expect(await answer(line)).toEqual({ code: 2, text });
  });
});
