// Calls the addon's functions with arguments of all kinds for some time:  node calls.mjs ADDON SEED FIRST SECONDS
// Before each call its number goes to file descriptor 3, so that who started this knows which call did not come back.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv, exit } from 'node:process';
import { describeCase } from './cases.mjs';
import { signatures } from './signatures.mjs';
import { realise } from './values.mjs';

const [addon, seed, first, seconds] = [argv[2], Number(argv[3]), Number(argv[4]), Number(argv[5])];
const binding = createRequire(import.meta.url)(addon);
const exported = Object.keys(binding).sort().join();
const known = Object.keys(signatures).sort().join();
if (exported !== known) fail(`signatures.mjs is not about the functions that there are: ${exported} against ${known}`);

const end = performance.now() + seconds * 1000;
let calls = 0;
for (let index = first; calls === 0 || performance.now() < end; index++, calls++) {
  writeSync(3, `${index}\n`);
  const { name, right, described, draw } = describeCase(seed, index);
  const { values, damaged } = realise(described, draw);
  try {
    binding[name](...values);
  } catch (error) {
    if (right) fail(`case ${index}: right arguments are refused: ${error}`);
    if (!(error instanceof Error)) fail(`case ${index}: what is thrown is no Error: ${String(error)}`);
  }
  const block = damaged();
  if (block !== -1) fail(`case ${index}: memory outside of array number ${block + 1} has changed`);
}
console.log(JSON.stringify({ calls }));

function fail(what) {
  console.error(what);
  exit(1);
}
