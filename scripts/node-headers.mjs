import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';

/** What tells node-gyp of the headers beside the running Node, as distributions install them; without, it downloads its own. */
export function nodeHeaderArguments() {
  if (env.npm_config_nodedir !== undefined) return [];
  const prefix = dirname(dirname(execPath));
  const there = ['node_version.h', 'common.gypi'].every((name) => existsSync(join(prefix, 'include', 'node', name)));
  return there ? [`--nodedir=${prefix}`] : [];
}
