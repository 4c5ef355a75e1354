// Measures two builds of the engine in turns, by processor time, which other programs on the machine disturb less, and by wall time.
//   node bench/engine-builds.mjs PACKAGE       PACKAGE: the folder of another built package vmfdag, as OTHER-CHECKOUT/src/engine
//   --nodes 10000 --rounds 9 --scenarios noop,leaf,status,cold
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineProject } from './engine-project.mjs';
import { median, timed } from './timed.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '9' },
    scenarios: { type: 'string', default: 'noop,leaf,status,cold' },
  },
});
const [other] = positionals;
if (!other) throw new Error('name the folder of another built package: node bench/engine-builds.mjs PACKAGE');

const builds = [resolve(other), join(root, 'src/engine')].map((vmfdag) => ({
  program: join(vmfdag, 'dist/vmfdag.cjs'),
  project: engineProject(Number(options.nodes), vmfdag),
}));
let leaf = 1;
const scenarios = {
  noop: () => ['run'],
  leaf: () => ['run', '--set', `leaf=${leaf}`],
  status: () => ['status'],
  cold: ({ project }) => {
    rmSync(join(project, 'cache'), { recursive: true, force: true });
    return ['run'];
  },
};

try {
  for (const build of builds) await measure(build, ['run']);
  for (const scenario of options.scenarios.split(',')) {
    const times = builds.map(() => []);
    for (let round = 0; round < Number(options.rounds); round++) {
      leaf++;
      for (const place of round % 2 === 0 ? [0, 1] : [1, 0]) {
        times[place].push(await measure(builds[place], scenarios[scenario](builds[place])));
      }
    }
    const ratio = (of) => (median(times[1].map(of)) / median(times[0].map(of))).toFixed(3);
    const [before, now] = times.map((each) => median(each.map(({ cpu }) => cpu)).toFixed(3));
    const text = `${scenario}: processor ${before} s, here ${now} s: ${ratio(({ cpu }) => cpu)}; wall ${ratio(({ wall }) => wall)}`;
    console.log(text);
  }
} finally {
  for (const { project } of builds) rmSync(project, { recursive: true, force: true });
}

function measure({ program, project }, args) {
  return timed(process.execPath, [program, ...args], project);
}
