import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Dawn's description of the machine's GPU. */
export type AdapterAnswer =
  | { readonly kind: 'found'; readonly adapter: string }
  | { readonly kind: 'none'; readonly detail: string };

/**
 * Asks Dawn for the GPU, in a process of its own (about 0.1 s): the answer comes asynchronously, and a driver that crashes takes that process along, not
 * this one.
 */
export function askForAdapter(dawnDirectory: string, adapterOptions: object): AdapterAnswer {
  const dawnModule = pathToFileURL(join(dawnDirectory, 'index.js')).href;
  const { stdout, stderr, status, signal, error } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', PROBE, dawnModule, JSON.stringify(adapterOptions)],
    { encoding: 'utf8', timeout: 30_000 },
  );
  if (status === 0 && stdout.trim() !== '') return { kind: 'found', adapter: stdout.trim() };
  if (error) return { kind: 'none', detail: error.message };
  if (signal) return { kind: 'none', detail: `the driver crashed with ${signal}` };
  const said = stderr.split('\n').find((text) => /^(Warning|\w*Error):/.test(text));
  return { kind: 'none', detail: said?.replace(/^\w+: /, '').trim() ?? '' };
}

/** Prints the GPU, its driver among the description, or nothing. Arguments: URL of Dawn's module, adapter options. */
const PROBE = `
const [module, options] = process.argv.slice(1);
const { create } = await import(module);
const info = (await create([]).requestAdapter(JSON.parse(options)))?.info;
const texts = info ? [info.vendor, info.architecture, info.device, info.description] : [];
process.stdout.write(texts.filter(Boolean).join(' '));
process.exit(0);
`;
