import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { hashFile } from '../base/hash-file.ts';
import { shellWord } from '../base/shell-word.ts';
import { lookUp } from '../keys/software/look-up.ts';
import type { ContainerEnvironment } from '../pipeline/stages/program-environment.ts';
import { BUBBLEWRAP, runnerOf } from './container-runner.ts';
import { type AskedEnvironment, type KnownEnvironment, noProgram, notEntered } from './known-environment.ts';
import { runTool } from './run-tool.ts';

type ImageEnvironment = Extract<ContainerEnvironment, { tool: 'image' }>;

/** @throws {Failure} where the image, or what runs it, is not there */
export function askContainer(asked: AskedEnvironment<ContainerEnvironment>, root: string): KnownEnvironment {
  const { environment, range } = asked;
  if (environment.tool === 'root') {
    if (!lookUp(BUBBLEWRAP)) throw noProgram(asked, BUBBLEWRAP, 'install it: apt-get install bubblewrap');
    return { has: [platform()], files: [] };
  }
  const runner = runnerOf(environment);
  if (!lookUp(runner)) {
    throw noProgram(
      asked,
      runner,
      runner === 'apptainer'
        ? 'install apptainer'
        : `install it: apt-get install ${runner === 'docker' ? 'docker.io' : 'podman'}`,
    );
  }
  return runner === 'apptainer'
    ? imageFile({ environment, range }, root)
    : storedImage({ environment, range }, runner, root);
}

function storedImage(asked: AskedEnvironment<ImageEnvironment>, runner: string, root: string): KnownEnvironment {
  const { image, digest } = asked.environment;
  const name = `${image}@sha256:${digest}`;
  const options = ['image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', name];
  const answer = runTool({ program: runner, arguments: options }, root);
  if ('kind' in answer) {
    const message = answer.kind === 'failed' ? answer.message : `there is no ${answer.program}`;
    throw notEntered(asked, message, `bring the image: ${runner} pull ${shellWord(name)}`);
  }
  return { has: [answer.stdout.trim()], files: [] };
}

function imageFile(asked: AskedEnvironment<ImageEnvironment>, root: string): KnownEnvironment {
  const { environment, range } = asked;
  const file = resolve(root, environment.image);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw notEntered(
      asked,
      'there is no such file',
      `bring it: apptainer pull ${shellWord(environment.image)} docker://NAME@sha256:DIGEST`,
    );
  }
  const found = hashFile(file);
  if (found === environment.digest) return { has: [platform()], files: [file] };
  const fact = `${environment.image} has another digest: sha256:${found}`;
  throw new Failure('usage', { fact, fix: 'bring the image of that digest, or name this one', range });
}

/** As runners of containers name it. */
function platform(): string {
  const processors: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return `linux/${processors[process.arch] ?? process.arch}`;
}
