import { type Diagnostic, nearestName, suggestName } from '../base/diagnostic.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import type { SchemaError } from '../schemas/pipeline.validator.js';
import { MOST_PLACES } from './problems.ts';
import { describeValue } from './references/lookup.ts';
import { type Place, problemAt } from './yaml/source.ts';
import { type Tree, treeToJson } from './yaml/tree.ts';

/** A compiled JSON Schema. It leaves what it finds in `errors`. */
export interface SchemaCheck {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** The errors of the JSON Schema in a file, each at its place, with what is allowed there. */
export function checkShape(tree: Tree, validate: SchemaCheck): Diagnostic[] {
  if (validate(treeToJson(tree))) return [];
  const errors = validate.errors ?? [];
  const meant = new Set(errors.flatMap((error) => meantKey(error) ?? []));
  const first = new Map<string, Diagnostic>();
  for (const error of errors) {
    if (error.keyword === 'propertyNames' || error.keyword === 'if') continue;
    // The misspelt key is reported, with this one as the fix.
    if (error.keyword === 'required' && meant.has(pathOf(error, error.params.missingProperty))) continue;
    const diagnostic = translate(error, tree);
    const { line, column } = diagnostic.range ?? { line: 0, column: 0 };
    const key = `${line}:${column}`;
    // A slip that breaks several rules is reported once.
    if (!first.has(key)) first.set(key, diagnostic);
    if (first.size >= MOST_PLACES) break;
  }
  return [...first.values()];
}

function pathOf({ instancePath }: SchemaError, key: unknown): string {
  return `${instancePath}/${String(key)}`;
}

/** The path of the key that is meant by an unknown one. */
function meantKey(error: SchemaError): string | undefined {
  if (error.keyword !== 'additionalProperties') return undefined;
  const name = String(error.params.additionalProperty);
  const known = knownKeys(error);
  const key = keyHere(name, known) ?? nearestName(name, known);
  return key === undefined ? undefined : pathOf(error, key);
}

function knownKeys({ parentSchema }: SchemaError): readonly string[] {
  const { properties } = (parentSchema ?? {}) as JsonObject;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** A value of the file, and its name for messages. */
interface Spot {
  readonly name: string;
  readonly tree: Tree;
  readonly key: Place;
}

function spotAt(root: Tree, pointer: string): Spot {
  let spot: Spot = { name: 'the file', tree: root, key: root.place };
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const { tree } = spot;
    if (tree.kind === 'mapping') {
      const entry = tree.entries.get(name);
      if (entry) spot = { name: `"${name}"`, tree: entry.value, key: entry.key };
    } else if (tree.kind === 'list') {
      const item = tree.items[Number(name)];
      if (item) spot = { name: `item ${Number(name) + 1} of ${spot.name}`, tree: item, key: item.place };
    }
  }
  return spot;
}

function keyOf(spot: Spot, name: unknown): Place {
  return (spot.tree.kind === 'mapping' ? spot.tree.entries.get(String(name))?.key : undefined) ?? spot.key;
}

function translate(error: SchemaError, root: Tree): Diagnostic {
  const spot = spotAt(root, error.instancePath);
  const schema = (error.parentSchema ?? {}) as JsonObject;
  const value = error.data as JsonValue;
  const { propertyName } = error;
  if (propertyName !== undefined) {
    const fact = `${JSON.stringify(propertyName)} is not a ${titleOf(schema)}`;
    return problemAt(keyOf(spot, propertyName), fact, howToWrite(schema));
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params.additionalProperty);
      return problemAt(keyOf(spot, name), `unknown key ${JSON.stringify(name)}`, fixOfKey(name, knownKeys(error)));
    }
    case 'required': {
      const name = String(error.params.missingProperty);
      return problemAt(spot.key, `${spot.name} lacks the key "${name}"`, descriptionOf(schema, name));
    }
    case 'type':
      return problemAt(
        spot.tree.place,
        `${spot.name} is ${describeValue(value)}, expected ${expectedTypes(schema)}`,
        value === null ? 'give it a value, or remove the key' : howToWrite(schema),
      );
    case 'enum':
      return problemAt(
        spot.tree.place,
        `${spot.name} is ${describeValue(value)}, which is not allowed here`,
        suggestName(String(value), (schema.enum as readonly JsonValue[]).map(String)),
      );
    case 'const':
      return problemAt(
        spot.tree.place,
        `${spot.name} is ${describeValue(value)}`,
        `the only one is ${JSON.stringify(schema.const)}`,
      );
    case 'pattern':
      return problemAt(spot.tree.place, `${JSON.stringify(value)} is not a ${titleOf(schema)}`, howToWrite(schema));
    case 'minimum':
      return problemAt(
        spot.tree.place,
        `${spot.name} is ${describeValue(value)}`,
        `use ${String(schema.minimum)} or more`,
      );
    case 'maxProperties':
    case 'minProperties':
      return problemAt(spot.key, ...entryCount(spot));
    default:
      return problemAt(spot.tree.place, `${spot.name} ${error.message ?? 'is not allowed here'}`);
  }
}

/** What keys of other tools are here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  cmd: 'command',
  shell: 'command',
  deps: 'inputs',
  outs: 'outputs',
  foreach: 'each',
  matrix: 'each',
  wildcards: 'each',
  vars: 'params',
  config: 'params',
  threads: 'resources',
  conda: 'environment',
  container: 'environment',
};

function keyHere(name: string, known: readonly string[]): string | undefined {
  const own = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  return own !== undefined && known.includes(own) ? own : undefined;
}

function fixOfKey(name: string, known: readonly string[]): string {
  const own = keyHere(name, known);
  return own === undefined ? suggestName(name, known) : `here it is "${own}"`;
}

function entryCount({ name, tree }: Spot): [fact: string, fix: string] {
  if (name !== '"scan"') return [`${name} is empty`, 'give it at least one entry'];
  const scanned = tree.kind === 'mapping' ? [...tree.entries.keys()].filter((key) => key !== 'carry') : [];
  if (scanned.length === 0)
    return ['"scan" names no coordinate', 'write for example epoch: {from: 1, to: 10} next to carry'];
  if (scanned.length === 1) {
    return ['"scan" lacks the key "carry"', 'add carry: {output: stage.output}, from which the first step starts'];
  }
  return [
    `"scan" has ${scanned.length} coordinates (${scanned.join(', ')})`,
    'scan exactly one, and move the others to "each"',
  ];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function expectedTypes(schema: JsonObject): string {
  const types = [schema.type as JsonValue].flat() as string[];
  // Where text is one of several types, only a reference fits, or the name of an axis.
  const pattern = types.length > 1 ? schema.pattern : undefined;
  const text = pattern === undefined ? 'text' : String(pattern).startsWith('^\\$') ? 'a reference' : 'a name';
  return types.map((type) => (type === 'string' ? text : (TYPE_WORDS[type] ?? type))).join(' or ');
}

function titleOf(schema: JsonObject): string {
  return String(schema.title ?? 'value that is allowed here');
}

const TYPE_FIXES: Readonly<Record<string, string>> = {
  object: 'write entries of the form key: value',
  array: 'write a list such as [a, b]',
  string: 'put it in quotes',
  boolean: 'write true or false',
};

function howToWrite(schema: JsonObject): string | undefined {
  const examples = ((schema.examples ?? []) as readonly JsonValue[]).map(String);
  const last = examples.pop();
  if (last === undefined) return TYPE_FIXES[String([schema.type ?? null].flat()[0])];
  return `write for example ${examples.length > 0 ? `${examples.join(', ')} or ` : ''}${last}`;
}

function descriptionOf(schema: JsonObject, name: string): string | undefined {
  const properties = schema.properties;
  const property = isJsonObject(properties) ? properties[name] : undefined;
  const description = isJsonObject(property) ? property.description : undefined;
  return typeof description === 'string' ? `add "${name}": ${description}` : `add "${name}"`;
}
