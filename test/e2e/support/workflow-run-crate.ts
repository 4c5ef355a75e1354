import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface Entity {
  readonly '@id': string;
  readonly '@type': string | readonly string[];
  readonly [property: string]: unknown;
}

const many = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/**
 * What a folder breaks of the MUST rules of RO-Crate 1.1 (root, data and contextual entities), Workflow RO-Crate 1.0, and Process and Workflow Run Crate
 * 0.5, written out.
 */
export function brokenRules(folder: string): readonly string[] {
  const { '@graph': graph } = JSON.parse(readFileSync(join(folder, 'ro-crate-metadata.json'), 'utf8')) as {
    '@graph': readonly Entity[];
  };
  const broken: string[] = [];
  const rule = (holds: boolean, text: string) => {
    if (!holds) broken.push(text);
  };
  const byId = new Map(graph.map((entity) => [entity['@id'], entity]));
  const referred = (value: unknown) => many(value).map((each) => byId.get((each as { '@id': string })['@id']));
  const is = (entity: Entity | undefined, type: string) => many(entity?.['@type']).includes(type);
  rule(byId.size === graph.length, 'each entity has an @id of its own');
  rule(
    graph.every((entity) => many(entity['@type']).length > 0),
    'each entity has a type',
  );
  const descriptor = byId.get('ro-crate-metadata.json');
  rule(is(descriptor, 'CreativeWork'), 'the descriptor is a CreativeWork');
  rule(
    many(descriptor?.conformsTo).some((to) => (to as Entity)['@id'] === 'https://w3id.org/ro/crate/1.1'),
    'the descriptor names the version of RO-Crate',
  );
  const root = referred(descriptor?.about)[0];
  rule(is(root, 'Dataset') && root?.['@id'] === './', 'the descriptor is about the root data set');
  for (const property of ['name', 'description', 'datePublished', 'license']) {
    rule(root?.[property] !== undefined, `the root has ${property}`);
  }
  for (const profile of ['process', 'workflow']) {
    const named = referred(root?.conformsTo).filter((to) => is(to, 'CreativeWork'));
    rule(
      named.some((to) => to?.['@id'].startsWith(`https://w3id.org/ro/wfrun/${profile}/`)),
      `the root names the profile ${profile}`,
    );
  }
  const workflow = referred(root?.mainEntity)[0];
  for (const type of ['File', 'SoftwareSourceCode', 'ComputationalWorkflow']) {
    rule(is(workflow, type), `the main entity is a ${type}`);
  }
  rule(is(referred(workflow?.programmingLanguage)[0], 'ComputerLanguage'), 'the main entity has a language');
  for (const property of ['input', 'output']) {
    for (const parameter of referred(workflow?.[property])) {
      rule(is(parameter, 'FormalParameter'), `${property} of the workflow is a FormalParameter`);
    }
  }
  for (const entity of graph.filter((each) => is(each, 'FormalParameter'))) {
    rule(entity.additionalType !== undefined, `${entity['@id']} has an additionalType`);
  }
  const actions = graph.filter((each) => is(each, 'CreateAction'));
  rule(
    actions.some(({ instrument }) => referred(instrument)[0] === workflow),
    'an action has the main entity as its instrument',
  );
  for (const action of actions) {
    for (const entity of [...many(action.object), ...many(action.result)]) {
      rule(byId.has((entity as Entity)['@id']), 'what an action reads and makes is described');
    }
  }
  const parts = referred(root?.hasPart);
  for (const entity of graph.filter((each) => is(each, 'File'))) {
    const path = join(folder, decodeURIComponent(entity['@id']));
    rule(existsSync(path), `${entity['@id']} is there`);
    if (existsSync(path)) rule(String(statSync(path).size) === entity.contentSize, `${entity['@id']} has its size`);
    rule(parts.includes(entity), `${entity['@id']} is a part of the root`);
  }
  return broken;
}
