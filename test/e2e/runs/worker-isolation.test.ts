import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isAlive } from '../support/processes.ts';
import { type Project, projectOf } from '../support/project.ts';

/** The nodes `a/1` and `a/2` of one stage, whose outputs are published as 1.json and 2.json; `more` is added to its declaration. */
function nodesOf(body: string, more = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: isolation
stages:
  a: {run: stages/a.ts, each: {k: [1, 2]}, outputs: {o: json}${more}}
targets: {all: {files: {1.json: a/1.o, 2.json: a/2.o}}}
`,
    'stages/a.ts': `import { execSync, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';
const used = [execSync, spawn, EventEmitter, appendFileSync, existsSync, readFileSync, writeFileSync, writeSync];
export default defineStage({
  params: v.any(), inputs: {}, outputs: { o: json<any>() },
  async run({ coordinates: { k }, log }: any): Promise<any> { ${body} },
});
`,
  });
}

function published(project: Project): unknown[] {
  return [1, 2].map((k) => JSON.parse(project.read(`results/${k}.json`)));
}

async function runAlone(project: Project) {
  return project.run(['--jobs', '1', '--keep-going']);
}

describe('what a node leaves behind does not reach the next one', () => {
  it.each([
    ['a function of Math', 'const seen = Math.cosh(0); Math.cosh = () => 7; return { o: seen };', 1],
    [
      'a method of a prototype',
      'const seen = "extra" in []; (Array.prototype as any).extra = 1; return { o: seen };',
      false,
    ],
    ['a global', 'const all = globalThis as any; all.counter = (all.counter ?? 0) + 1; return { o: all.counter };', 1],
    ['a frozen built-in', 'const seen = Object.isFrozen(Math); Object.freeze(Math); return { o: seen };', false],
    [
      'a function of a module of Node',
      'const seen = (process as any).getBuiltinModule("fs"); const o = String(seen.lstatSync).length > 60; seen.lstatSync = () => 7; return { o };',
      true,
    ],
    ['a listener', 'const o = process.listenerCount("SIGUSR2"); process.on("SIGUSR2", () => {}); return { o };', 0],
    ['the mask of new files', 'const o = process.umask() === 0; process.umask(0); return { o };', false],
    ['the time zone', 'const o = new Date(0).getHours(); process.env.TZ = "Asia/Tokyo"; return { o };', 0],
  ])('%s', async (_what, body, expected) => {
    const project = nodesOf(body);
    expect(await runAlone(project)).toMatchObject({ code: 0, summary: { executed: 2 } });
    expect(published(project)).toEqual([expected, expected]);
  });

  it('a command has the mask, the folder and the variables that it has without a module before it', async () => {
    const command = '"umask > {outputs.seen}; echo $HOME $PATH $TZ >> {outputs.seen}"';
    const alone = projectOf({
      'pipeline.yaml': `version: 1\nname: alone\nstages:\n  b: {command: ${command}, outputs: {seen: markdown}}\ntargets: {all: {files: {seen.md: b.seen}}}\n`,
    });
    expect((await runAlone(alone)).code).toBe(0);
    const after = nodesOf(
      'process.umask(0); process.chdir("/"); Object.assign(process.env, { HOME: "/elsewhere", PATH: "/nowhere", TZ: "Asia/Tokyo" }); return { o: k };',
      `}\n  b: {command: ${command}, inputs: {o: "a.o[*]"}, outputs: {seen: markdown}`,
    );
    after.edit('pipeline.yaml', 'files: {1.json', 'files: {seen.md: b.seen, 1.json');
    expect(await runAlone(after)).toMatchObject({ code: 0, summary: { executed: 3 } });
    expect(after.read('results/seen.md')).toBe(alone.read('results/seen.md'));
  });

  it.each([
    ['a timer that keeps nothing waiting', 'setInterval(() => {}, 1e6).unref();'],
    ['a server', 'process.getBuiltinModule("net").createServer().listen(0);'],
  ])('%s: the next one has a process of its own', async (_what, body) => {
    const project = nodesOf(`${body} return { o: process.pid };`);
    expect((await runAlone(project)).code).toBe(0);
    const [one, two] = published(project);
    expect(one).not.toBe(two);
  });

  it.each([
    ['a child', 'const child = spawn("sleep", ["600"], { stdio: "ignore" }); child.unref(); const pid = child.pid;'],
    [
      'a child of a child',
      'const pid = Number(execSync("sleep 600 > /dev/null 2>&1 & echo $!", { encoding: "utf8" }));',
    ],
    ['a child that left the group', 'const pid = spawn("sleep", ["600"], { stdio: "ignore", detached: true }).pid;'],
  ])('%s', async (_what, start) => {
    const stat =
      '(pid: string) => { try { return /[)] [^ZX]/.test(readFileSync("/proc/" + pid + "/stat", "utf8")); } catch { return false; } }';
    const project =
      nodesOf(`const isAlive = ${stat}; const before = existsSync(process.cwd() + "/node_modules/pid") ? readFileSync(process.cwd() + "/node_modules/pid", "utf8") : "0";
      const o = isAlive(before); ${start} writeFileSync(process.cwd() + "/node_modules/pid", String(pid)); return { o };`);
    expect((await runAlone(project)).code).toBe(0);
    expect(published(project)).toEqual([false, false]);
    expect(isAlive(Number(project.read('node_modules/pid')))).toBe(false);
  });
});

describe('an error that nobody caught', () => {
  it.each([
    ['of a promise', 'void Promise.reject(new Error("too late"));'],
    ['of the next turn', 'setImmediate(() => { throw new Error("too late"); });'],
    ['of an event', 'process.nextTick(() => new EventEmitter().emit("error", new Error("too late")));'],
    ['of a program that is not there', 'spawn("/no/such/program");'],
  ])('%s fails the node that it is of, and no other', async (_what, body) => {
    const project = nodesOf(`if (k === 1) { ${body} } return { o: k };`);
    const { code, events, summary } = await runAlone(project);
    expect({ code, summary }).toMatchObject({ code: 1, summary: { executed: 1, failed: 1 } });
    const failed = events.filter(({ type }) => type === 'failed');
    expect(failed).toMatchObject([
      { node: 'a/1', cause: 'stage', diagnostic: { fact: expect.stringMatching(/^stage a threw: (too late|spawn)/) } },
    ]);
  });

  it('does not fail the next node when its timer would have thrown by then', async () => {
    const project = nodesOf(
      'if (k === 1) setTimeout(() => { throw new Error("of 1"); }, 300); else await new Promise((r) => setTimeout(r, 900)); return { o: k };',
    );
    expect(await runAlone(project)).toMatchObject({ summary: { executed: 2, failed: 0 } });
  });
});

describe('a stage', () => {
  it.each([
    ['process.exit(0)', 'called process.exit(0)'],
    ['process.abort()', 'called process.abort()'],
    ['process.kill(process.pid)', 'sent SIGTERM to its own process'],
    ['(process as any).reallyExit(3)', 'called process.reallyExit(3)'],
  ])('cannot end its process: %s', async (call, what) => {
    const project = nodesOf(`console.log("so far"); if (k === 1) ${call}; return { o: k };`);
    const { events, summary } = await runAlone(project);
    expect(summary).toMatchObject({ executed: 1, failed: 1 });
    const failed = events.filter(({ type }) => type === 'failed');
    expect(failed).toMatchObject([{ node: 'a/1', diagnostic: { fact: `stage a ${what}` }, log: 'so far\n' }]);
  });

  it('has no channel to the run', async () => {
    const project = nodesOf(
      'return { o: [typeof process.send, typeof process.disconnect, process.connected ?? null] };',
    );
    expect((await runAlone(project)).code).toBe(0);
    expect(published(project)[0]).toEqual(['undefined', 'undefined', null]);
  });

  it('has all that was printed in its log, in order, whoever printed it', async () => {
    const project =
      nodesOf(`console.log("one"); execSync("echo two; echo three >&2", { stdio: "inherit" }); log("four"); writeSync(2, "five\\n");
      console.error("six"); execSync("echo seven > /dev/stderr", { stdio: "inherit" }); log("eight"); return { o: k };`);
    expect((await runAlone(project)).code).toBe(0);
    const shown = JSON.parse((await project.execute(['cache', 'show', 'a/1', '--json'])).stdout);
    expect(JSON.stringify(shown)).toContain('"log":"one\\ntwo\\nthree\\nfour\\nfive\\nsix\\nseven\\neight\\n"');
  });

  it('sees its secrets, which nobody else does', async () => {
    const project = nodesOf(
      'console.log("the key is", process.env.API_KEY); if (k === 1) throw new Error(process.env.API_KEY); return { o: process.env.API_KEY?.length };',
      ', secrets: [API_KEY]',
    );
    const { events } = await project.run(['--jobs', '1', '--keep-going'], { env: { API_KEY: 'open sesame' } });
    expect(events.filter(({ type }) => type === 'finished')).toHaveLength(1);
    const shown = (await project.execute(['cache', 'show', 'a/2', '--json'])).stdout;
    expect(JSON.stringify(events) + shown).not.toContain('sesame');
    expect(shown).toContain('the key is ***');
  });
});

describe('kill -9 of the run', () => {
  it('ends a stage that never gives the processor back, and what it started', async () => {
    const project = nodesOf(
      'const child = spawn("sleep", ["600"], { stdio: "ignore" }); writeFileSync(process.cwd() + "/node_modules/pids", process.pid + " " + child.pid); for (;;);',
    );
    const run = project.start(['run', '--jobs', '1']);
    const file = project.path('node_modules/pids');
    while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(5);
    const processes = readFileSync(file, 'utf8').split(' ').map(Number);
    expect(processes.filter(isAlive)).toHaveLength(2);
    run.signal('SIGKILL');
    await run.ended;
    // Without the watchdog they would live for ten minutes, or for ever.
    for (let waited = 0; waited < 1000 && processes.some(isAlive); waited++) await sleep(10);
    expect(processes.filter(isAlive)).toEqual([]);
  });
});
