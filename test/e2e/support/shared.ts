import { cpSync, rmSync } from 'node:fs';
import { checkpointsProject } from './checkpoints.ts';
import { temporaryFolder } from './folders.ts';
import { Project } from './project.ts';

/** Stages of all kinds: modules, chains with evicted steps, a gather, commands with a directory, a large file and a small one. */
export function sharedProject(): Project {
  const project = checkpointsProject(2, 4);
  project.edit(
    'pipeline.yaml',
    'targets:\n',
    `  files:
    each: {chain: "\${chains}"}
    inputs: {looks: "look.digest[*]"}
    command: "mkdir {outputs.folder}; head -c 6000000 /dev/zero > {outputs.folder}/large; cat {inputs.looks} > {outputs.folder}/looks; echo \${chain} > {outputs.copy}"
    outputs: {folder: directory, copy: file}
targets:
  files: {files: {copy-1.txt: files/1.copy, copy-2.txt: files/2.copy}}
`,
  );
  return project;
}

/** The same project as another user's: in another folder, with nothing in the cache. */
export function elsewhere(project: Project): Project {
  const folder = temporaryFolder();
  cpSync(project.directory, folder, { recursive: true, verbatimSymlinks: true });
  for (const made of ['cache', 'results', 'node_modules/.cache']) {
    rmSync(`${folder}/${made}`, { recursive: true, force: true });
  }
  return new Project(folder, project.options);
}
