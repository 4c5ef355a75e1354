// The long version of the fuzz test:  node test/tensors/backends/onednn/fuzz/run.mjs [--seconds 60] [--seed 1] [--case 17]
import { createRequire } from 'node:module';
import { argv, env, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { fuzz } from './campaign.mjs';

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    // One call alone, to look into what was reported.
    case: { type: 'string' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name} ${value} is not a whole number`);
  exit(2);
}
const result = await fuzz({
  addon: createRequire(import.meta.url).resolve(env.VMFDAG_NATIVE_ADDON ?? 'tfjs-backend-onednn/native'),
  seed: Number(values.seed),
  first: Number(values.case ?? 0),
  seconds: values.case === undefined ? Number(values.seconds) : 0,
});
if (result.kind === 'fine') {
  console.log(
    `${result.calls} calls of seed ${values.seed}: none wrote outside of its arrays, and none hung or crashed`,
  );
} else {
  console.error(result.report);
  exit(1);
}
