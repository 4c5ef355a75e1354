import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../../../src/engine/cli/help/environment.ts';

/** Read by scripts that build and test, and never by the command line. */
const OF_SCRIPTS = ['ONEDNN_ROOT', 'CXX', 'VMFDAG_SANITIZE'];

/** Read by Node and by commander rather than by our sources. */
const OF_NODE = ['NO_COLOR', 'FORCE_COLOR'];

/** Read by a pattern and not by its name. */
const BY_PATTERN = ['CONTAINERS_NAME', 'DOCKER_NAME', 'MAMBA_NAME', 'npm_config_NAME', 'MALLOC_NAME'];

/** Set by a worker for the programs of commands, and taken out of what they see. */
const OF_WORKERS = ['VMFDAG_AUDIT'];

/** Folders of scripts. */
const SCRIPTS = ['scripts', 'src/tensors/scripts'];

function sources(...folders: readonly string[]): readonly string[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .filter((entry) => folders.includes(entry.parentPath) || !SCRIPTS.includes(entry.parentPath))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'));
}

/** Names of the variables that some sources read: `env.NAME`, `environment.NAME`, `{ NAME } = process.env`, and `{ NAME: other, NAME = '' } = environment`. */
function namesRead(...folders: readonly string[]): readonly string[] {
  const names = sources(...folders).flatMap((text) => [
    ...[...text.matchAll(/\benv(?:ironment)?\.([A-Z][A-Z0-9_]*|npm_config_\w+)\b/g)].map((match) => match[1] as string),
    ...[...text.matchAll(/\{([^{}]*)\}\s*=\s*(?:process\.)?env(?:ironment)?\b/g)].flatMap((match) =>
      [...(match[1] as string).matchAll(/(?:^|,)\s*([A-Z][A-Z0-9_]*)\b/g)].map(([, name]) => name as string),
    ),
  ]);
  return [...new Set(names)].filter((name) => !OF_WORKERS.includes(name)).sort();
}

describe('environment variables', () => {
  it('that the sources read are those that --help lists', () => {
    const listed = ENVIRONMENT.map(({ name }) => name);
    const found = namesRead('src', 'stages');
    expect([...found, ...OF_NODE, ...BY_PATTERN].sort()).toEqual([...listed].sort());
  });

  it('are all in docs/cli.md, and those of the scripts too', () => {
    const documented = new Set(readFileSync('docs/cli.md', 'utf8').match(/(?<=`)[A-Za-z0-9_]+(?=`)/g));
    const missing = [...ENVIRONMENT.map(({ name }) => name), ...OF_SCRIPTS].filter((name) => !documented.has(name));
    expect(missing).toEqual([]);
    expect(namesRead(...SCRIPTS)).toEqual([...OF_SCRIPTS].sort());
  });

  it('are read by these spellings, except those that .npmrc names and those that stages declare', () => {
    const unnamed = [...sources('src', 'stages'), ...sources(...SCRIPTS)].flatMap((text) =>
      [...text.matchAll(/\benv(?:ironment)?\[([^\]]*)\]/g)].map((match) => match[1]),
    );
    expect([...new Set(unnamed)].sort()).toEqual(['name', 'variable']);
  });
});
