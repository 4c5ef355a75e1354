// A pipeline of trivial nodes in chains of 100, and one more node, the leaf, that a param changes.
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CHAIN = 100;
export const LAST_STEP = `step/0/${CHAIN - 1}`;

const PIPELINE = (chains) => `version: 1
name: bench
params: {chains: [${Array.from({ length: chains }, (_, i) => i).join(', ')}], leaf: 1}
stages:
  start:
    run: stages/step.ts#start
    each: {chain: "\${chains}"}
    outputs: {value: json}
  step:
    run: stages/step.ts#step
    each: {chain: "\${chains}"}
    scan: {position: {from: 1, to: ${CHAIN - 1}}, carry: {value: start.value}}
    outputs: {value: json}
  leaf:
    run: stages/step.ts#leaf
    params: {add: "\${leaf}"}
    inputs: {value: "step.value[chain=0, position=${CHAIN - 1}]"}
    outputs: {value: json}
targets: {all: [leaf, step]}
default: [all]
`;

const STAGES = `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';
export const start = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: {}, outputs: { value: json() },
  run: ({ coordinates }) => ({ value: coordinates.chain }),
});
export const step = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: { value: one(json()) }, outputs: { value: json() },
  run: ({ inputs }) => ({ value: inputs.value + 1 }),
});
export const leaf = /* @__PURE__ */ defineStage({
  params: v.object({ add: v.number() }), inputs: { value: one(json()) }, outputs: { value: json() },
  run: ({ inputs, params }) => ({ value: inputs.value + params.add }),
});
`;

/** @param vmfdag folder of the package that its stages import */
export function engineProject(nodes, vmfdag) {
  const project = mkdtempSync(join(tmpdir(), 'vmfdag-bench-'));
  mkdirSync(join(project, 'stages'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(vmfdag, join(project, 'node_modules/vmfdag'));
  symlinkSync(join(root, 'node_modules/valibot'), join(project, 'node_modules/valibot'));
  writeFileSync(join(project, 'pipeline.yaml'), PIPELINE(Math.max(1, nodes / CHAIN)));
  writeFileSync(join(project, 'stages/step.ts'), STAGES);
  return project;
}
