import { isFailure } from '../../base/failure.ts';
import type { JsonObject } from '../../base/json.ts';
import type { StageCode } from '../../keys/bundle-cache.ts';
import { codeDigest } from '../../keys/code-file.ts';
import type { CommandProgram } from '../../pipeline/stages/command.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { type CommandValues, commandLine } from '../../workers/worker/command/command-line.ts';
import { type NodePaths, nodePaths } from '../../workers/worker/command/node-paths.ts';

/**
 * What a node starts, in the form of `--json`: its arguments with all values in their places, and what its keys hold of it; undefined for a module.
 * @param code what its present fingerprint stands for
 * @param environment its identity, if the command names one
 */
export function commandJson(
  { stage: { name, program, outputs }, coordinates, params, inputs }: PlanNode,
  code: StageCode | undefined,
  environment: string | undefined,
): JsonObject | undefined {
  if (program.kind !== 'command') return undefined;
  const places = inputs.map((input) =>
    input.kind === 'one' ? input : { ...input, items: input.sources.map(() => ({ coordinates: {} })) },
  );
  const paths = nodePaths({ inputs: places, outputs }, program);
  return {
    ...started(program, { stage: name, params, coordinates }, paths),
    environment: environment ?? null,
    code: (code?.kind === 'command' ? code.files : []).map((file) => ({
      path: file.path,
      counts: file.syntax ? 'syntax' : 'bytes',
      digest: file.syntax?.digest ?? codeDigest(file),
    })),
  };
}

function started(program: CommandProgram, values: CommandValues, paths: NodePaths): JsonObject {
  try {
    const line = commandLine(program, values, paths);
    return program.form === 'script'
      ? { script: line.arguments.at(-1) ?? '' }
      : { arguments: [line.program, ...line.arguments] };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { problem: error.diagnostics.map(({ fact }) => fact).join('\n') };
  }
}
