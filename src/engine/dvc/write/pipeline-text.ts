import { literal } from '../literal.ts';
import type { ImportedPipeline, ImportedSource, ImportedStage } from '../translate/imported.ts';
import { paramsSection } from './params-section.ts';
import { block, flow, key, longText, scalar } from './yaml-text.ts';

/** The text of an imported pipeline. */
export function pipelineText(name: string, from: string, pipeline: ImportedPipeline): string {
  const { params, sources, stages, notes } = pipeline;
  const lines = [
    '# yaml-language-server: $schema=./node_modules/vmfdag/schemas/pipeline.schema.json',
    `# Imported from ${from}. docs/from-dvc.md says how the two differ.`,
    ...notes.map(check),
    'version: 1',
    `name: ${name}`,
    ...section(paramsSection(params)),
    ...section(sourcesSection(sources)),
    '',
    'stages:',
    ...stages.flatMap((stage, position) => [...(position === 0 ? [] : ['']), ...stageLines(stage)]),
    ...section(targetLines(stages)),
  ];
  return `${lines.join('\n')}\n`;
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

function check(note: string): string {
  return `# check: ${note.replace(/\s+/g, ' ')}`;
}

function sourcesSection(sources: ReadonlyMap<string, ImportedSource>): readonly string[] {
  if (sources.size === 0) return [];
  const lines = [...sources].map(([name, source]) =>
    source.kind === 'file'
      ? `  ${name}: {file: ${flow(literal(source.path))}}`
      : `  ${name}: {files: ${flow(source.globs.map(literal))}}`,
  );
  return ['sources:', ...lines];
}

function stageLines(stage: ImportedStage): readonly string[] {
  const { name, formerName, description, code, variables, params, inputs, outputs, paramsFiles, notes } = stage;
  const inputPaths = Object.fromEntries([...inputs].map(([each, { path }]) => [each, path]));
  const outputPaths = Object.fromEntries(
    [...outputs].flatMap(([each, { path }]) => (path === undefined ? [] : [[each, path]])),
  );
  const paths = {
    ...(inputs.size > 0 ? { inputs: inputPaths } : {}),
    ...(Object.keys(outputPaths).length > 0 ? { outputs: outputPaths } : {}),
    ...paramsPaths(paramsFiles),
  };
  return [
    ...(formerName === undefined ? [] : [`  # ${formerName} in DVC`]),
    `  ${name}:`,
    ...notes.map((note) => `    ${check(note)}`),
    ...(description === undefined ? [] : [`    description: ${scalar(description)}`]),
    ...commandLines(stage),
    ...(code.length > 0 ? [`    code: ${flow(code)}`] : []),
    ...(variables.length > 0 ? [`    variables: ${flow(variables)}`] : []),
    ...(Object.keys(params).length > 0 ? ['    params:', ...block(params, '      ')] : []),
    ...(inputs.size > 0
      ? [`    inputs: ${flow(Object.fromEntries([...inputs].map(([each, { reference }]) => [each, reference])))}`]
      : []),
    `    outputs: ${flow(Object.fromEntries([...outputs].map(([each, { type }]) => [each, type])))}`,
    ...(Object.keys(paths).length > 0
      ? ['    paths:', ...Object.entries(paths).map(([each, value]) => `      ${each}: ${flow(value)}`)]
      : []),
  ];
}

function paramsPaths(files: ImportedStage['paramsFiles']): {
  readonly params?: string | Readonly<Record<string, string>>;
} {
  const [first] = files;
  if (first === undefined) return {};
  if (files.length === 1 && first.name === undefined) return { params: first.path };
  return { params: Object.fromEntries(files.map(({ path, name = path }) => [path, name])) };
}

function commandLines({ shell, script }: ImportedStage): readonly string[] {
  if (shell === 'sh') return [`    command: ${longText(script, '      ')}`];
  return ['    command:', '      - bash', '      - -ec', `      - ${longText(script, '        ')}`];
}

/** What people look at, and what no stage reads. */
function targetLines(stages: readonly ImportedStage[]): readonly string[] {
  const read = new Set(stages.flatMap(({ inputs }) => [...inputs.values()].map(({ reference }) => reference)));
  const files = stages.flatMap(({ name, outputs }) =>
    [...outputs].flatMap(([output, { path, isShown }]) => {
      const reference = `${name}.${output}`;
      return path !== undefined && (isShown || !read.has(reference)) ? [`      ${key(path)}: ${reference}`] : [];
    }),
  );
  const nodes = stages.map(({ name }) => name);
  return ['targets:', '  all:', `    nodes: ${flow(nodes)}`, ...(files.length > 0 ? ['    files:', ...files] : [])];
}
