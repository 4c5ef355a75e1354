import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type RunnerTask as Task } from 'vitest';
import type { RunEvent } from '../../../src/engine/run/events.ts';
import { flipBit } from '../../engine/store/tamper.ts';
import { chainsProject } from '../support/chains.ts';
import { checkpointsProject } from '../support/checkpoints.ts';
import { execute, type Running } from '../support/command-line.ts';
import { faultyProject } from '../support/faulty.ts';
import { temporaryFolder } from '../support/folders.ts';
import { halvingProject, RUNGS } from '../support/halving.ts';
import { LivePage } from '../support/live-page.ts';
import { metricsProject } from '../support/metrics.ts';
import { outputSchemas, problemsOf, type Schema } from '../support/output-schemas.ts';
import { type Project, projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';
import { withExecutor } from '../support/units.ts';

/** What commands print. `common` is a part of these. */
const documents = [...outputSchemas.keys()].filter((name) => name !== 'common').sort();
/** What comes only where a fault does, or where an edit or a stage's report meets with a node that is being executed. */
const RARE_EVENTS: readonly string[] = ['progress', 'warning', 'edited'];

/** Schemas that an output was validated with, and the types of events that there were. */
const used = new Set<string>();
const eventTypes = new Set<string>();

/** The document that a command prints, which has to be valid. */
async function valid<T>(project: Project, schema: string, command: string, exitCode = 0): Promise<T> {
  const { code, stdout, stderr } = await project.execute([...command.split(' '), '--json']);
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' });
  const document: unknown = JSON.parse(stdout);
  expect(problemsOf(schema, document)).toEqual([]);
  used.add(schema);
  return document as T;
}

function validEvents(stdout: string): readonly RunEvent[] {
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent);
  for (const event of events) {
    expect(problemsOf('run-event', event)).toEqual([]);
    eventTypes.add(event.type);
  }
  used.add('run-event');
  return events;
}

async function validRun(project: Project, args: string, exitCode = 0): Promise<readonly RunEvent[]> {
  const { code, stdout } = await project.execute(['run', '--json', ...args.split(' ').filter(Boolean)]);
  expect(code).toBe(exitCode);
  return validEvents(stdout);
}

describe('before the first run', () => {
  let project: Project;
  beforeAll(() => {
    project = chainsProject(2, 2, 0);
    project.write('provided.yaml', `compute: {provider: tfjs-backend-onednn}\n${project.read('pipeline.yaml')}`);
  });

  it.each([
    ['status', 'node-states'],
    ['run --dry-run', 'node-states'],
    ['explain total', 'explain'],
    ['explain start/1', 'explain'],
    ['graph', 'graph'],
    ['graph --no-states --expand step', 'graph'],
    ['history', 'history'],
    ['cache ls', 'cache-ls'],
    ['cache stat', 'cache-stat'],
    ['cache verify', 'cache-verify'],
    ['cache gc --dry-run', 'cache-gc'],
    ['cache gc', 'cache-gc'],
    ['cache compact', 'cache-compact'],
    ['cache adopt --audit 1', 'cache-adopt'],
    ['cache pins', 'cache-pins'],
    ['backends', 'backends'],
    ['backends --file provided.yaml', 'backends'],
    ['doctor --file provided.yaml', 'doctor'],
    ['doctor', 'doctor'],
    ['report', 'report'],
  ])('%s --json is as its schema says', async (command, schema) => {
    await valid(project, schema, command);
  });
});

describe('after runs and edits', () => {
  let project: Project;
  beforeAll(async () => {
    project = chainsProject(2, 2, 0);
    const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: project.directory });
    git('init', '-q');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--allow-empty', '-qm', 'first');
    await validRun(project, '');
    await validRun(project, '');
    project.edit('shared/arithmetic.ts', 'state * 48271', 'state * 16807');
  });

  it('stale and waiting nodes, by their code', async () => {
    expect(await valid(project, 'node-states', 'status')).toContainEqual(
      expect.objectContaining({ node: 'step/1/1', state: 'stale', reason: expect.objectContaining({ rule: 'code' }) }),
    );
    expect(await valid(project, 'explain', 'explain step/*/*')).toContainEqual(
      expect.objectContaining({ state: 'waiting', reason: expect.objectContaining({ rule: 'code' }) }),
    );
    await valid(project, 'graph', 'graph');
    await valid(project, 'report', 'report');
  });

  it('by their params, an early cutoff, and changed inputs', async () => {
    const states = await valid<readonly { reason?: { rule: string } }[]>(
      project,
      'node-states',
      'run --dry-run --force start --set milliseconds=1',
    );
    expect(states.map(({ reason }) => reason?.rule)).toContain('forced');
    const events = await validRun(project, '--set milliseconds=1 --target step');
    expect(events.filter(({ type }) => type === 'started').length).toBeGreaterThan(0);
    const [explained] = await valid<readonly object[]>(project, 'explain', 'explain total --set milliseconds=1');
    expect(explained).toMatchObject({ state: 'stale', reason: { rule: 'inputs' }, causes: [{ node: 'step/1/1' }] });
    await validRun(project, '--force start --set milliseconds=1');
    await valid(project, 'explain', 'explain total --set milliseconds=1');
  });

  it('the history, the runs and their differences', async () => {
    const runs = await valid<readonly { revision?: object }[]>(project, 'history', 'history');
    expect(runs.length).toBeGreaterThan(2);
    expect(runs.some(({ revision }) => revision !== undefined)).toBe(true);
    await valid(project, 'history', 'history --limit 1');
    for (const [age] of runs.entries()) await valid(project, 'history-show', `history show last~${age}`);
    const diff = await valid<{ params: object[]; code: object[]; nodes: object[]; numbers: object[] }>(
      project,
      'diff',
      `diff last~${runs.length - 1} last`,
    );
    for (const part of [diff.params, diff.code, diff.nodes, diff.numbers]) expect(part).not.toEqual([]);
    await valid(project, 'diff', 'diff last last');
  });

  it('what the cache holds', async () => {
    await valid(project, 'cache-ls', 'cache ls');
    await valid(project, 'cache-ls', 'cache ls nothing-of-this-name');
    await valid(project, 'cache-show', 'cache show start/1');
    await valid(project, 'cache-show', 'cache show start/*');
    await valid(project, 'cache-get', `cache get start/1.state ${project.path('state.json')}`);
    await valid(project, 'explain-file', `explain ${project.path('state.json')}`);
    await valid(project, 'archive', `archive start --output ${project.path('start.zip')}`);
    await valid(project, 'cache-stat', 'cache stat');
    for (const command of ['cache pin last', 'cache pin start/1', 'cache pins', 'cache unpin start/1']) {
      expect(await valid<readonly object[]>(project, 'cache-pins', command)).not.toEqual([]);
    }
    await valid(project, 'cache-gc', 'cache gc --keep-runs 0 --max-size 1B --dry-run');
    await valid(project, 'cache-gc', 'cache gc --keep-runs 0 --max-size 1B');
    await valid(project, 'cache-compact', 'cache compact');
    await valid(project, 'explain', 'explain start/1 --set milliseconds=1');
    await valid(project, 'doctor', 'doctor');
  });
});

describe('commands', () => {
  it('are told as they are started, with their environment and their code', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: commands
params: {rate: 0.5, rates: [1, 2], none: null}
stages:
  make:
    command: [python3, -B, make.py, --rate, "\${rate}", "\${rates}", "--seed=\${seed}", "{outputs.made}"]
    code: [make.py, table.txt]
    each: {seed: [1, 2]}
    outputs: {made: csv}
  gather:
    command: "cat {inputs.made} > {outputs.all}"
    inputs: {made: "make.made[*]"}
    outputs: {all: csv}
  wrong:
    command: [echo, "\${none}"]
    outputs: {made: csv}
`,
      'make.py': 'import sys\nopen(sys.argv[-1], "w").write(str(sys.argv[1:-1]))\n',
      'table.txt': '1\n',
    });
    const told = async (node: string) => {
      const [explained] = await valid<readonly { command: object }[]>(project, 'explain', `explain ${node}`);
      return explained?.command;
    };
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    const make = {
      arguments: ['python3', '-B', 'make.py', '--rate', '0.5', '1', '2', '--seed=2', 'outputs/made.csv'],
      environment: null,
      code: [
        { path: 'make.py', counts: 'syntax', digest },
        { path: 'table.txt', counts: 'bytes', digest },
      ],
    };
    expect(await told('make/2')).toEqual(make);
    const gather = {
      script: 'cat inputs/made/0.csv inputs/made/1.csv > outputs/all.csv',
      environment: null,
      code: [],
    };
    expect(await told('gather')).toEqual(gather);
    expect(await told('wrong')).toMatchObject({ problem: expect.stringContaining('is null, which cannot be') });
    await validRun(project, '--target gather');
    expect(await told('make/2')).toEqual(make);
    expect(await told('gather')).toEqual(gather);
  });
});

describe('when something is wrong', () => {
  it('failures, retries and what is skipped', async () => {
    const project = faultyProject('    retries: 1');
    const failed = await validRun(project, '--keep-going --set kind=throws', 1);
    expect(failed).toContainEqual(expect.objectContaining({ type: 'failed', node: 'faulty', cause: 'stage' }));
    await validRun(project, '--set level=10', 2);
    await validRun(project, '--set kind=exits', 1);
    await valid(project, 'history-show', 'history show last');
    const shown = await valid(project, 'history-show-node', 'history show last~2 faulty');
    expect(shown).toMatchObject({ outcome: 'failed', failures: [{ error: { name: 'TypeError' } }, { attempt: 2 }] });
    await valid(project, 'history-show-node', 'history show last~2 good/1');
    await valid(project, 'history', 'history');
    expect(await valid(project, 'explain', 'explain faulty --set kind=throws')).toMatchObject([
      { state: 'stale', reason: { rule: 'failed' }, failure: { cause: 'stage' } },
    ]);
    await valid(project, 'node-states', 'status --set kind=throws');
    await validRun(project, '--set kind=once');
  });

  it('a run that was killed', async () => {
    const project = faultyProject();
    const run = project.start(['run', '--json', '--set', 'kind=hangs'], { detached: true });
    await run.until((running) => running.events().some((event) => event.type === 'started' && event.node === 'faulty'));
    run.signalGroup('SIGKILL');
    await run.ended;
    expect(await valid(project, 'history', 'history')).toMatchObject([{ state: 'killed' }]);
    await valid(project, 'history-show', 'history show last');
  });

  it('damage, evicted bytes and an audit', async () => {
    const project = checkpointsProject(1, 4);
    await validRun(project, '');
    const states = await valid<readonly { node: string; outputs: readonly string[] }[]>(
      project,
      'node-states',
      'status',
    );
    project.edit('stages/look.ts', '% 65521', '% 65519');
    const again = await valid<readonly { restored?: string }[]>(project, 'node-states', 'status');
    expect(again.map(({ restored }) => restored)).toContain('certain');
    const digest = states.find(({ node }) => node === 'step/1/3')?.outputs[0] as never;
    await flipBit(project.path('cache'), 'artefacts', digest, 2000);
    const events = await validRun(project, '');
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['restoring', 'unreadable']));
    await validRun(project, '--audit 2 --audit-seed 5');
    await flipBit(project.path('cache'), 'artefacts', digest, 2000);
    const { damage } = await valid<{ damage: object[] }>(project, 'cache-verify', 'cache verify', 1);
    expect(damage).toMatchObject([{ kind: 'artefact' }]);
    await valid(project, 'cache-stat', 'cache stat');
  });

  it('a stage that does not repeat its bytes', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: draws
stages:
  draw:
    command: "od -An -N8 -tx8 /dev/urandom > {outputs.number}"
    outputs: {number: csv}
    retain: none
    reproducible: false
  add:
    command: "cat {inputs.number} > {outputs.sum}; echo \${unit} >> {outputs.sum}"
    inputs: {number: draw.number}
    outputs: {sum: csv}
params: {unit: m}
`,
    });
    await validRun(project, '');
    const events = await validRun(project, '--set unit=km');
    expect(events).toContainEqual({ type: 'changed', node: 'draw' });
  });

  it('a pipeline that cannot be read', async () => {
    const project = chainsProject(1, 1, 0);
    project.edit('pipeline.yaml', 'outputs: {total: json}', 'outputs: {total: jsn}');
    const findings = await valid<readonly { what: string; state: string }[]>(project, 'doctor', 'doctor', 1);
    expect(findings).toContainEqual(expect.objectContaining({ what: 'pipeline', state: 'bad' }));
  });
});

describe('while a run is under way', () => {
  it('run --watch', async () => {
    const project = chainsProject(1, 1, 0);
    const session = project.start(['run', '--watch', '--json']);
    const said = (type: string, times: number) =>
      session.until((running: Running) => running.outputText().split(`"type":"${type}"`).length > times);
    await said('watching', 1);
    project.edit('pipeline.yaml', 'outputs: {total: json}', 'outputs: {total: jsn}');
    await said('watching', 2);
    session.signal('SIGINT');
    const { code, stdout } = await session.ended;
    expect(code).toBe(130);
    const types = validEvents(stdout).map(({ type }) => type as string);
    expect(types).toEqual(expect.arrayContaining(['planned', 'summary', 'watching', 'broken']));
  });

  it('a run that is interrupted', async () => {
    const project = chainsProject(1, 20, 400);
    const run = project.start(['run', '--json', '--jobs', '1']);
    await run.until((running) => running.events().some(({ type }) => type === 'finished'));
    run.signal('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(validEvents(stdout)).toContainEqual(expect.objectContaining({ type: 'stopping' }));
  });
});

describe('a shared cache', () => {
  it('what is fetched, pushed and pulled', async () => {
    const project = chainsProject(2, 2, 0);
    const url = pathToFileURL(temporaryFolder()).href;
    project.write('vmfdag.settings.yaml', `cache: {shared: {url: "${url}"}}\n`);
    await validRun(project, '');
    expect(await valid(project, 'cache-push', 'cache push')).toMatchObject({ failed: 0 });
    rmSync(project.path('cache'), { recursive: true });
    expect(await validRun(project, '--target step')).toContainEqual(expect.objectContaining({ type: 'fetched' }));
    expect(await valid(project, 'cache-pull', 'cache pull')).toMatchObject({ missing: 0 });
    await valid(project, 'history-show', 'history show last');
    await valid(project, 'history-show-node', 'history show last step/1/1');
    expect(await valid(project, 'jobs', 'jobs')).toEqual([]);
  });
});

describe('metrics', () => {
  it('are events of a run, and documents', async () => {
    const project = metricsProject();
    await validRun(project, '--set offset=1');
    await validRun(project, '');
    expect(await valid<object[]>(project, 'metrics-show', 'metrics show')).toHaveLength(6);
    const { metrics } = await valid<{ metrics: object[] }>(project, 'metrics-diff', 'metrics diff last~1 last');
    expect(metrics).not.toEqual([]);
    const file = project.path('metrics.csv');
    const exported = await valid<object>(project, 'metrics-export', `metrics export --csv ${file}`);
    expect(exported).toMatchObject({ nodes: 2, files: [file] });
    await validRun(project, '--set offset=2 --name wide --tag a');
    await valid(project, 'experiments-label', 'experiments note wide why');
    await valid(project, 'experiments-label', 'experiments name last~1');
    await valid(project, 'experiments-label', 'experiments tag wide b');
    await valid(project, 'sweep-plan', 'sweep --set offset=[1,2] --dry-run');
    const table = await valid<{ experiments: object[] }>(project, 'experiments', 'experiments --metric loss=min');
    await valid(project, 'history-show', 'history show wide');
    expect(table.experiments[0]).toMatchObject({ name: 'wide', note: 'why', tags: ['a', 'b'] });
    await valid(project, 'history', 'history');
  });
});

describe('chains that end early', () => {
  it('tell where and why', async () => {
    const project = halvingProject();
    expect(await valid(project, 'node-states', 'run --dry-run')).toContainEqual(
      expect.objectContaining({ node: 'train/10/2', state: 'waiting', mayBeCutShort: true }),
    );
    const events = await validRun(project, '');
    expect(events.at(-1)).toMatchObject({ type: 'summary', cutShort: 26 });
    expect(await valid(project, 'node-states', 'status')).toContainEqual(
      expect.objectContaining({ node: 'train/10/2', state: 'cutShort', after: 'train/10/1' }),
    );
    expect(await valid(project, 'explain', 'explain evaluate/80')).toMatchObject([{ state: 'cutShort' }]);
    await valid(project, 'graph', 'graph');
    await valid(project, 'history', 'history');
    await valid(project, 'history-show', 'history show last');
    await valid(project, 'history-show-node', 'history show last evaluate/80');
    project.edit('pipeline.yaml', 'best: min', 'best: max');
    await valid(project, 'node-states', 'run --dry-run');
    project.edit('pipeline.yaml', RUNGS, 'patience: 1');
    await validRun(project, '');
    project.edit('pipeline.yaml', '{metric: loss, best: max, patience: 1}', '{metric: loss, above: 5}');
    await validRun(project, '');
    project.edit('pipeline.yaml', 'metric: loss', 'metric: lost');
    await valid(project, 'node-states', 'status');
    await validRun(project, '', 2);
    await valid(project, 'explain', 'explain train/19/1');
  });
});

describe('init', () => {
  it('--json tells what was made', async () => {
    const { code, stdout } = await execute(temporaryFolder(), ['init', 'dice', '--json']);
    expect(code).toBe(0);
    const made = JSON.parse(stdout) as { readonly files: readonly string[] };
    expect(problemsOf('init', made)).toEqual([]);
    expect(made).toMatchObject({ name: 'dice', directory: expect.stringMatching(/[\\/]dice$/) });
    expect(made.files).toEqual(expect.arrayContaining(['.gitignore', 'package.json', 'pipeline.yaml']));
    used.add('init');
  });
});

describe('import', () => {
  it('--json tells what was written', async () => {
    const project = projectOf({ 'dvc.yaml': 'stages: {a: {cmd: touch o, outs: [o]}}' });
    const made = await project.json<{ readonly checks: readonly string[] }>(['import', 'dvc.yaml']);
    expect(problemsOf('import', made)).toEqual([]);
    expect(made).toMatchObject({ file: project.path('pipeline.yaml'), stages: ['a'] });
    expect(made.checks).toHaveLength(1);
    used.add('import');
  });
});

describe('an executor that cannot be used', () => {
  it('is refused, and another machine is in the journal and the records of the others', async () => {
    // So long that the unit tells when it begins.
    const project = chainsProject(1, 2, 1000);
    project.write('pipeline.yaml', withExecutor(project.read('pipeline.yaml')));
    await validRun(project, '--executor there');
    expect(await valid<object>(project, 'explain', 'explain start/1')).toMatchObject([
      { record: { executor: 'there' } },
    ]);
    await valid(project, 'history-show', 'history show last');
    project.write('pipeline.yaml', project.read('pipeline.yaml').replace('"unit"', '"unknown"'));
    await validRun(project, '--executor there --force start');
  });
});

describe('the live page', () => {
  it('prints where it is', async () => {
    const page = await LivePage.open(chainsProject(1, 1, 0));
    try {
      expect(problemsOf('ui', JSON.parse(page.running.outputText()))).toEqual([]);
      used.add('ui');
    } finally {
      await page.close();
    }
  });
});

describe('the schemas', () => {
  it('name every field: an object is a map, or takes no other fields than those that it names', () => {
    for (const [name, schema] of outputSchemas) {
      for (const object of objectsOf(schema)) {
        const named = Object.keys((object.properties as object | undefined) ?? {});
        const isMap =
          named.length === 0 &&
          typeof object.additionalProperties !== 'undefined' &&
          object.additionalProperties !== false;
        if (!isMap) expect({ name, named, open: object.additionalProperties }).toEqual({ name, named, open: false });
      }
    }
  });

  it('say what each field is', () => {
    const silent = [...outputSchemas].flatMap(([name, schema]) =>
      objectsOf(schema).flatMap((object) =>
        Object.entries((object.properties as Readonly<Record<string, Schema>> | undefined) ?? {})
          .filter(([, field]) => !('const' in field || 'enum' in field || '$ref' in field || 'description' in field))
          .filter(([, field]) => field.type !== 'object' && field.type !== 'array')
          .map(([field]) => `${name}: ${field}`),
      ),
    );
    expect(silent).toEqual([]);
  });

  it('refuse a field that was renamed', () => {
    const summary = {
      type: 'summary',
      outcome: 'done',
      executed: 0,
      restored: 0,
      audited: 0,
      fetched: 0,
      upToDate: 1,
      cutOff: 0,
      failed: 0,
      misconfigured: 0,
      skipped: 0,
      seconds: 1,
    };
    expect(problemsOf('run-event', summary)).toEqual([]);
    for (const field of Object.keys(summary)) {
      const { [field as keyof typeof summary]: value, ...rest } = summary;
      expect(problemsOf('run-event', { ...rest, [`${field}s`]: value })).not.toEqual([]);
    }
  });

  it('are named in docs/json.md, and by the help of their commands', async () => {
    const text = readFileSync(join(repository, 'docs/json.md'), 'utf8');
    const rows = [...text.matchAll(/^\| (`.*`) \| `([a-z-]+)` \|/gm)];
    expect([...new Set(rows.map(([, , schema]) => schema))].sort()).toEqual(documents);
    const project = chainsProject(1, 1, 0);
    for (const [, commands, schema] of rows) {
      for (const [, command] of (commands as string).matchAll(/`([^`]+)`/g)) {
        const { stdout } = await project.execute([...(command as string).split(' '), '--help']);
        expect(stdout.replace(/\s+/g, ' ')).toContain(`${schema}.schema.json`);
      }
    }
  });
});

// After all tests, in whatever order they ran.
// biome-ignore lint/correctness/noEmptyPattern: vitest takes no name for the fixtures, of which this needs none
afterAll(({}, file) => {
  // A test that was left out or that failed may be the one that uses a schema.
  if (!isPassed(file)) return;
  expect([...used].sort()).toEqual(documents);
  const variants = variantsOf('run-event');
  expect(variants).toEqual(expect.arrayContaining([...RARE_EVENTS]));
  expect(variants.filter((type) => !eventTypes.has(type) && !RARE_EVENTS.includes(type))).toEqual([]);
});

function isPassed(task: Task): boolean {
  return task.type === 'suite' ? task.tasks.every(isPassed) : task.result?.state === 'pass';
}

function variantsOf(name: string): readonly string[] {
  const variants = (outputSchemas.get(name)?.oneOf ?? []) as readonly { properties: { type: { const: string } } }[];
  return variants.map(({ properties }) => properties.type.const);
}

/** All schemas of objects within a schema. */
function objectsOf(schema: unknown): readonly Schema[] {
  if (Array.isArray(schema)) return schema.flatMap(objectsOf);
  if (typeof schema !== 'object' || schema === null) return [];
  const own = (schema as Schema).type === 'object' ? [schema as Schema] : [];
  return [...own, ...Object.values(schema).flatMap(objectsOf)];
}
