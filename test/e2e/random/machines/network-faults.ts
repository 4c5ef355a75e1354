import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Fault, Undo } from './faults.ts';
import { killNginx } from './rig.ts';
import { pick, type Scene } from './scene.ts';

/** Of an answer or a request, every second one. */
const WRONG_ANSWERS: readonly object[] = [
  { action: 'status', status: 500 },
  { action: 'status', status: 503 },
  { action: 'reset', after: 0 },
  { action: 'reset', after: 50 },
  { action: 'truncate', after: 20 },
  { action: 'short', after: 20 },
  { action: 'corrupt', after: 10 },
  { action: 'hang', method: 'GET' },
  { action: 'delay', ms: 1500 },
  { action: 'slow', bps: 2000 },
  { action: 'lose', method: 'PUT' },
  { action: 'late', method: 'PUT' },
  { action: 'cut_put', after: 10, method: 'PUT' },
];

const hasLines = ({ executor }: Scene) => executor === 'command lines';
const hasNetwork = (scene: Scene) => scene.hasNetwork;
const hasProxy = ({ webServer }: Scene) => webServer?.variables.RIG_FAULT_URL !== undefined;

/** What befalls connections to units, and the shared cache's server. */
export const networkFaults: readonly Fault[] = [
  {
    name: 'a connection stands still',
    ends: 'as ever',
    fits: hasLines,
    strike: (scene) => toSomeLine(scene, `stall ${200 + scene.random.integer(4000)}`),
  },
  {
    name: 'a connection is slow',
    ends: 'as ever',
    fits: hasLines,
    strike: async (scene) => {
      const undo = await toSomeLine(scene, `slow ${1 + scene.random.integer(60)}`);
      return undo && (() => void toSomeLine(scene, 'slow 0'));
    },
  },
  {
    name: 'a connection is cut within a message',
    ends: 'as ever',
    fits: hasLines,
    strike: (scene) => toSomeLine(scene, `cut ${1 + scene.random.integer(2000)}`),
  },
  ...(['link', 'rate', 'loss', 'reset'] as const).map(
    (what): Fault => ({
      name: `network: ${{ link: 'cable out', rate: 'slow', loss: 'packets get lost', reset: 'connections are reset' }[what]}`,
      ends: 'as ever',
      fits: hasNetwork,
      strike: ({ rig, random }) => {
        const [set, unset] = (
          {
            link: ['down', 'up'],
            rate: [`${1 + random.integer(20)}00kbit`, 'off'],
            loss: [`${10 + random.integer(40)}`, 'off'],
            reset: ['on', 'off'],
          } as const
        )[what];
        rig.network().command(what, 'h2', set);
        return () => rig.network().command(what, 'h2', unset);
      },
    }),
  ),
  {
    name: 'kill -9 of nginx',
    ends: 'as ever',
    fits: ({ webServer }) => webServer !== undefined,
    strike: ({ webServer }) => {
      if (!webServer) return undefined;
      killNginx(webServer);
      return () => webServer.start();
    },
  },
  {
    name: 'the shared cache answers wrongly',
    ends: 'as ever',
    fits: hasProxy,
    strike: async (scene) => {
      const { random } = scene;
      const rule = { path: '^/(ac|cas)/', pct: 30 + random.integer(70), ...pick(random, WRONG_ANSWERS) };
      await setRules(scene, [rule]);
      return () => void setRules(scene, []).catch(() => {});
    },
  },
];

async function setRules({ webServer }: Scene, rules: readonly object[]): Promise<void> {
  const body = JSON.stringify({ seed: 7, rules });
  await fetch(`${webServer?.variables.RIG_FAULT_URL}/__faults`, { method: 'PUT', body });
}

/** @returns once the line has taken it */
function toSomeLine({ control, random }: Scene, command: string): Promise<Undo> {
  const sockets = readdirSync(control).filter((name) => name.endsWith('.sock'));
  if (sockets.length === 0) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect(join(control, pick(random, sockets)));
    socket.on('error', () => resolve(undefined));
    socket.on('connect', () => socket.write(command));
    socket.on('end', () => resolve(() => {}));
    socket.resume();
  });
}
