import { describe, expect, it } from 'vitest';
import { type Project, projectOf } from '../support/project.ts';

/** `a/1` and `a/2`; what `a/2` does is the text of `fault`. */
function project(fault: string, declaration = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: failing
params: {rate: 1}
stages:
  a: {run: stages/a.ts, each: {k: [1, 2]}, params: {rate: "\${rate}"}, outputs: {o: json}${declaration}}
`,
    'stages/a.ts': `import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, Failure, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ rate: v.number() }),
  inputs: {},
  outputs: { o: json<number>() },
  async run({ params, coordinates, log }) {
    for (let i = 0; i < 40; i++) log(\`line \${i}\`);
    if (coordinates.k === 2 && params.rate < 9) {
      ${fault};
    }
    await sleep(0);
    return { o: params.rate };
  },
});
`,
  });
}

async function output(of: Project, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await of.execute(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('a node that failed', () => {
  it('is shown afterwards: each attempt with its reason, its error and its log', async () => {
    const failing = project("throw new TypeError('wrong')", ', retries: 1');
    const run = await failing.execute(['run', '--keep-going']);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('"vmfdag history show last a/2" shows all of it');
    const shown = await output(failing, 'history', 'show', 'last', 'a/2');
    for (const text of ['state  failed', 'attempt 1 (never run): failed after', 'attempt 2 (never run): failed after'])
      expect(shown).toContain(text);
    expect(shown.match(/^ {2}TypeError: wrong$/gm)).toHaveLength(2);
    expect(shown).toContain('stages/a.ts:12:');
    expect(shown.match(/^ {2}line 0$/gm)).toHaveLength(2);
    expect(await output(failing, 'history', 'show', 'last')).toMatch(
      /failed: a\/2: stage a threw: wrong\n"vmfdag history show \S+ a\/2" shows its errors and its log\n/,
    );
    // One that finished shows its log, too; one that a run found, where it was made.
    expect(await output(failing, 'history', 'show', 'last', 'a/1')).toMatch(/executed after[\s\S]*log:\n {2}line 0\n/);
    expect((await failing.execute(['run'])).code).toBe(1);
    expect(await output(failing, 'history', 'show', 'last', 'a/1')).toMatch(/state {2}up to date[\s\S]*made {3}20/);
  });

  it('is explained: it has run, what it threw, and where its log is, until it has finished', async () => {
    const failing = project("throw new RangeError('wrong')");
    await failing.execute(['run', '--keep-going']);
    const text = await output(failing, 'explain', 'a/2');
    expect(text).toMatch(/^a\/2 will run: it failed in run \S+, and has never finished\n/);
    expect(text).toContain('its last attempt failed, at ');
    expect(text).toContain('RangeError: wrong');
    expect(text).toContain('    line 5\n');
    expect(text).not.toContain('has it run before? no');
    expect((await failing.execute(['run', '--set', 'rate=9'])).code).toBe(0);
    expect(await output(failing, 'explain', 'a/2', '--set', 'rate=9')).not.toContain('failed');
    // It fails as it did before, and is told what is different from the time when it finished.
    expect((await failing.execute(['run'])).code).toBe(1);
    const again = await output(failing, 'explain', 'a/2');
    expect(again).toMatch(/^a\/2 will run: params: rate 9 → 1\n/);
    expect(again).toContain('its last attempt failed, at ');
  });

  it.each([
    [
      'a cause',
      `throw new Error('request failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') })`,
      [/caused by: Error: connect ECONNREFUSED/],
    ],
    [
      'members',
      `await Promise.any([Promise.reject(new Error('first mirror')), Promise.reject(new RangeError('second mirror'))])`,
      [/error 1: Error: first mirror/, /error 2: RangeError: second mirror/],
    ],
    [
      'the cause of what it explains',
      `throw new Failure('stage', { fact: 'no data', fix: 'get some' }, { cause: new Error('ENOENT: images') })`,
      [/no data\n {4}fix: get some\n {2}Error: ENOENT: images/],
    ],
    ['what is no error', "throw { code: 'E7' }", [/stage a threw: \{ code: 'E7' \}/]],
    ['nothing', 'throw undefined', [/stage a threw: undefined/]],
    [
      'a circle',
      `const e = new Error('round'); e.cause = new Error('and round', { cause: e }); throw e`,
      [/caused by: Error: and round/, /caused by: Error: round \(told above\)/],
    ],
  ])('is told with %s', async (_, fault, patterns) => {
    const failing = project(fault);
    const { stdout } = await failing.execute(['run', '--keep-going']);
    const shown = await output(failing, 'history', 'show', 'last', 'a/2');
    for (const pattern of patterns) {
      expect(stdout).toMatch(pattern);
      expect(shown).toMatch(pattern);
    }
  });

  it('is kept of a run that is killed right afterwards', async () => {
    const failing = project("throw new Error('wrong')", ', retries: 1000');
    const running = failing.start(['run', '--json']);
    const tries = () => running.events().filter(({ type }) => type === 'retrying').length;
    // Failures are written at once, and the disk takes some milliseconds for the first: in that time there are several.
    expect(await running.until(() => tries() > 100)).toBe(true);
    running.signal('SIGKILL');
    await running.ended;
    expect(await output(failing, 'history', 'show', 'last', 'a/2')).toContain('stage a threw: wrong');
  });

  it('has to be a node of the run', async () => {
    const failing = project("throw new Error('wrong')");
    await failing.execute(['run']);
    expect(await failing.execute(['history', 'show', 'last', 'a/3'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no node "a\/3"\n {2}fix: did you mean "a\/[12]"\?/),
    });
  });
});
