// Another process that reads a cache while it is being written, with lmdb alone: argv is the folder and the keys to wait for.
import { open } from 'lmdb';

const [folder, ...keys] = process.argv.slice(2);
const environment = open({ path: folder, keyEncoding: 'binary', encoding: 'binary', maxDbs: 64, maxReaders: 512 });
const table = (name) => environment.openDB(name, { keyEncoding: 'binary', encoding: 'binary' });
const [artefacts, traces, records] = [table('artefacts'), table('traces'), table('records')];

const seen = new Set();
const incomplete = [];
process.send('open');
while (seen.size < keys.length) {
  environment.resetReadTxn();
  for (const key of keys) {
    if (seen.has(key)) continue;
    const trace = traces.get(Buffer.from(key, 'hex'));
    if (!trace) continue;
    seen.add(key);
    // A trace is 4 bytes of a sum, 8 of seconds, then the digests of the artefacts.
    for (let offset = 12; offset < trace.length; offset += 32) {
      if (!artefacts.doesExist(trace.subarray(offset, offset + 32))) incomplete.push(key);
    }
    if (!records.doesExist(Buffer.from(key, 'hex'))) incomplete.push(key);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
process.send({ seen: seen.size, incomplete });
await environment.close();
process.disconnect();
