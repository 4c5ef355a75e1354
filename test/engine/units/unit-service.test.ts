import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  type NodeKey,
} from '../../../src/engine/base/digest.ts';
import { codeFingerprint, type ModuleCode } from '../../../src/engine/keys/bundle-cache.ts';
import { commandCode } from '../../../src/engine/keys/command-code.ts';
import { gpuIdentity } from '../../../src/engine/keys/gpu-identity.ts';
import { JAVASCRIPT_ENGINE, NO_ENGINE } from '../../../src/engine/keys/javascript-engine.ts';
import type { PackageGraph } from '../../../src/engine/keys/package-graph.ts';
import type { NodeId } from '../../../src/engine/plan/plan.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { Connection } from '../../../src/engine/units/connection.ts';
import type { Frame } from '../../../src/engine/units/frames.ts';
import { type FromUnit, platformName, type ToUnit, UNIT_PROTOCOL } from '../../../src/engine/units/messages.ts';
import { UnitService } from '../../../src/engine/units/unit-service.ts';
import type { JobAhead } from '../../../src/engine/workers/job-ahead.ts';
import type { Job } from '../../../src/engine/workers/protocol.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const HELLO = {
  type: 'hello',
  protocol: UNIT_PROTOCOL,
  version: '1.2.3',
  run: 'run',
  root: '/nowhere',
  platform: platformName(),
  compute: null,
  shared: null,
} as const;

/** A unit with a run in front of it that sends what a test says. Its workers cannot start. */
function unit(root = temporaryFolder()) {
  const store = openStore(temporaryFolder());
  const [toUnit, fromUnit] = [new PassThrough(), new PassThrough()];
  const received: FromUnit[] = [];
  const service = new UnitService(
    store,
    { root, cacheDirectory: temporaryFolder(), workerFile: join(root, 'no-worker.cjs'), version: '1.2.3' },
    () => connections[0] as Connection,
  );
  const connections: readonly Connection[] = [
    new Connection(toUnit, fromUnit, (frame: Frame) => service.receive(frame)),
    new Connection(fromUnit, toUnit, ({ message }) => {
      const known = message as unknown as FromUnit;
      received.push(known);
      // An installer has to bring them all.
      if (known.type === 'wantPackage') send({ ...known, type: 'package', directory: null });
      return undefined;
    }),
  ];
  onTestFinished(async () => {
    await service.stop();
    await store.close();
  });
  const send = (message: ToUnit, body: readonly Uint8Array[] = []) => connections[1]?.send(message, body);
  const next = <Type extends FromUnit['type']>(type: Type) =>
    vi.waitFor(
      () => {
        const found = received.find((message) => message.type === type);
        if (!found) throw new Error(`no ${type} among ${received.map((message) => message.type).join(', ')}`);
        return found as Extract<FromUnit, { type: Type }>;
      },
      { timeout: 20_000 },
    );
  const all = <Type extends FromUnit['type']>(type: Type) =>
    received.filter((each): each is Extract<FromUnit, { type: Type }> => each.type === type);
  return { service, send, next, all };
}

const NO_PACKAGES: PackageGraph = { imported: {}, packages: [] };

function moduleCode(packages = NO_PACKAGES): ModuleCode {
  return { kind: 'module', fingerprint: codeFingerprint('text', packages), text: 'text', sourceMap: '', packages };
}

function job(code: CodeFingerprint, changes: Partial<Job> = {}): Job {
  return {
    id: 7,
    node: 'a/1' as NodeId,
    key: digestBytes<NodeKey>('key'),
    stage: 'a',
    program: { kind: 'module', path: 'a.ts' },
    code,
    params: {},
    coordinates: {},
    inputs: [],
    outputs: { out: 'json' },
    compute: null,
    surroundings: { engine: JAVASCRIPT_ENGINE, variables: {} },
    undeclared: 'refuse',
    secrets: [],
    attempt: 1,
    purpose: { kind: 'record' },
    ...changes,
  };
}

function message(sent: Job | JobAhead): ToUnit {
  return {
    type: 'job',
    job: sent,
    limitSeconds: null,
    isAlone: false,
    resources: { threads: 1, memoryBytes: 0, gpus: 0 },
    secrets: {},
    enclosed: [],
    large: [],
  };
}

describe('a unit', () => {
  it('says who it is before anybody asks', async () => {
    const { service, next } = unit();
    service.greet();
    expect(await next('hello')).toMatchObject({ protocol: UNIT_PROTOCOL, version: '1.2.3' });
  });

  it.each([
    ['another version of vmfdag', { version: '1.2.4' }, /has vmfdag 1\.2\.3, and the run has vmfdag 1\.2\.4/],
    ['other messages', { protocol: 99 }, /has vmfdag/],
    ['another system', { platform: 'plan9-mips' }, /and the run is on plan9-mips/],
  ])('does not work for %s', async (_, changes, fact) => {
    const { send, next } = unit();
    send({ ...HELLO, ...changes });
    expect((await next('unable')).diagnostic).toMatchObject({
      fact: expect.stringMatching(fact),
      fix: expect.any(String),
    });
  });

  async function refusal(sent: Job, code: ModuleCode | null, root?: string) {
    const { send, next } = unit(root);
    send(HELLO);
    send(message(sent));
    expect(await next('wantCode')).toMatchObject({ fingerprint: sent.code });
    send({ type: 'code', fingerprint: sent.code }, [Buffer.from(JSON.stringify(code))]);
    const { outcome } = await next('ended');
    expect(outcome.kind).toBe('refused');
    return outcome.kind === 'refused' ? outcome.diagnostic : undefined;
  }

  it('refuses a job of another V8, of other GPUs, and one whose code the run lacks', async () => {
    const code = moduleCode();
    const engine = { engine: 'V8 1.0', variables: {} };
    expect(await refusal(job(code.fingerprint, { surroundings: engine }), code)).toMatchObject({
      fact: expect.stringContaining('and the run has V8 1.0'),
    });
    const gpus = { engine: JAVASCRIPT_ENGINE, variables: {}, gpus: 'ten of them' };
    expect(await refusal(job(code.fingerprint, { surroundings: gpus }), code)).toMatchObject({
      fact: expect.stringContaining('the keys of these nodes name ten of them'),
    });
    expect(await refusal(job(code.fingerprint), null)).toMatchObject({
      fact: expect.stringContaining('the code of the stage is not in the cache of the run'),
    });
  });

  it('says what it computes with, or why it cannot', async () => {
    const { send, next } = unit();
    send({ ...HELLO, compute: { provider: 'nobody-has-it', request: {} } } as ToUnit);
    send({ type: 'identify', compute: false });
    expect((await next('identity')).identity).toEqual({ compute: null, gpus: gpuIdentity() });
    send({ type: 'identify', compute: true });
    expect((await next('unable')).diagnostic).toMatchObject({
      fact: expect.stringMatching(/^on .*: the compute provider nobody-has-it is not installed/),
      fix: 'there: npm install nobody-has-it',
    });
  });

  it('names packages that are missing, of another version, or have other files', async () => {
    const root = temporaryFolder();
    for (const [name, version] of [
      ['other-version', '2.0.0'],
      ['patched', '1.0.0'],
    ] as const) {
      mkdirSync(join(root, 'node_modules', name), { recursive: true });
      writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify({ name, version }));
    }
    const names = ['missing', 'other-version', 'patched'];
    const packages = names.map((name) => ({ name, version: '1.0.0', content: `of ${name}`, dependencies: {} }));
    const code = moduleCode({ imported: Object.fromEntries(names.map((name, index) => [name, index])), packages });
    const found = await refusal(job(code.fingerprint), code, root);
    expect(found?.fact).toContain(
      'missing 1.0.0 is missing, other-version is 2.0.0, and not 1.0.0, patched 1.0.0 has other files',
    );
    expect(found?.fix).toContain(`cd ${root} && npm install missing@1.0.0 other-version@1.0.0 patched@1.0.0`);
  });

  it('executes nothing that follows a job which has made nothing', async () => {
    const { send, all } = unit();
    const digest = digestBytes<ArtefactDigest>('of another system');
    const code = moduleCode();
    send(HELLO);
    send(message(job(code.fingerprint, { surroundings: { engine: 'V8 1.0', variables: {} } })));
    const { key: _, ...step } = job(code.fingerprint, { id: 8 });
    const read = {
      kind: 'many',
      name: 'in',
      items: [
        { coordinates: {}, digest },
        { coordinates: {}, digest: { job: 7, output: 'out' } },
      ],
    };
    send(message({ ...step, stageKey: 'key', inputs: [read] } as unknown as JobAhead));
    send(
      message({
        ...step,
        id: 9,
        stageKey: 'key',
        inputs: [{ ...read, items: [{ coordinates: {}, digest: { job: 8, output: 'out' } }] }],
      } as unknown as JobAhead),
    );
    await vi.waitFor(() => expect(all('wantCode')).toHaveLength(1));
    send({ type: 'code', fingerprint: code.fingerprint }, [Buffer.from(JSON.stringify(code))]);
    await vi.waitFor(() => expect(all('ended')).toHaveLength(3));
    expect(all('ended').map(({ job: id, outcome }) => [id, outcome.kind])).toEqual([
      [7, 'refused'],
      [8, 'lost'],
      [9, 'lost'],
    ]);
  });

  it('is heard while it installs an environment', async () => {
    const [root, tools] = [temporaryFolder(), temporaryFolder()];
    const wait = `echo "$1" >> '${tools}/asked'; while [ "$1" = sync ] && [ ! -e '${tools}/go' ]; do sleep 0.02; done; exit 1`;
    writeFileSync(join(tools, 'uv'), `#!/bin/sh\n${wait}\n`, { mode: 0o755 });
    writeFileSync(join(root, 'uv.lock'), '');
    vi.stubEnv('PATH', `${tools}${delimiter}${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { send, next, all } = unit(root);
    const code = commandCode({ form: 'list', words: [], inputs: [], code: [] } as never, []);
    const program = { kind: 'command', environment: { tool: 'uv', lock: 'uv.lock' } };
    const surroundings = { engine: NO_ENGINE, variables: {}, environment: 'uv.lock of another machine' };
    send(HELLO);
    send(message(job(code.fingerprint, { program: program as never, surroundings })));
    await next('wantCode');
    send({ type: 'code', fingerprint: code.fingerprint }, [Buffer.from(JSON.stringify(code))]);
    await vi.waitFor(() => expect(existsSync(join(tools, 'asked'))).toBe(true));
    send({ type: 'identify', compute: false });
    await next('identity');
    expect(all('ended')).toEqual([]);
    writeFileSync(join(tools, 'go'), '');
    const { outcome } = await next('ended');
    expect(outcome).toMatchObject({
      kind: 'refused',
      diagnostic: { fact: expect.stringContaining('uv.lock cannot be entered') },
    });
  });

  it('tells the run which input it lacks', async () => {
    const { send, next } = unit();
    const code = moduleCode();
    const digest = digestBytes<ArtefactDigest>('nobody has it');
    send(HELLO);
    send(message(job(code.fingerprint, { inputs: [{ kind: 'one', name: 'in', digest }] })));
    await next('wantCode');
    send({ type: 'code', fingerprint: code.fingerprint }, [Buffer.from(JSON.stringify(code))]);
    expect(await next('want')).toMatchObject({ digest });
    send({ type: 'lacking', digest, as: 'artefact', state: 'missing', diagnostic: { fact: 'it was evicted' } });
    expect((await next('ended')).outcome).toEqual({
      kind: 'unreadable',
      input: { digest, state: 'missing', diagnostic: { fact: 'it was evicted' } },
    });
  });

  it('begins nothing for messages that come after its end: a run may be killed while its unit starts', async () => {
    const root = temporaryFolder();
    writeFileSync(
      join(root, 'no-worker.cjs'),
      `require('node:fs').writeFileSync(${JSON.stringify(join(root, 'started'))}, '')`,
    );
    const { service, send, all } = unit(root);
    await service.stop();
    send(HELLO);
    send({ type: 'identify', compute: false });
    send(message(job(moduleCode().fingerprint)));
    await sleep(500);
    expect([...all('identity'), ...all('unable'), ...all('wantCode')]).toEqual([]);
    expect(existsSync(join(root, 'started'))).toBe(false);
  });
});
