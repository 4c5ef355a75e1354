import { constants } from 'node:buffer';
import { describeValue } from './describe-value.ts';
import { fieldPath, plainFields } from './plain-fields.ts';

/** A list or an object that is being written. */
interface Open {
  readonly value: object;
  /** The entries in the order in which JSON.stringify writes them. */
  readonly ordered: object;
  /** The keys of an object, in the order in which they are written. */
  readonly keys: readonly string[] | undefined;
  readonly items: readonly unknown[];
  next: number;
}

/** The longest string, less the final newline: JSON.parse reads from a string. */
const LIMIT = constants.MAX_STRING_LENGTH - 1;

/** How many steps of a long path a message shows at each end. */
const SHOWN_STEPS = 8;

/**
 * A value as JSON text with sorted keys. JSON.stringify would change -0, NaN, dates and more without an error. This function
 * keeps a stack of its own, so that no nesting is too deep.
 *
 * @throws {TypeError} with the place of what JSON cannot hold
 */
export function jsonText(root: unknown): string {
  const open: Open[] = [];
  const depths = new Map<object, number>();
  let text = '';
  const append = (piece: string) => {
    if (text.length + piece.length > LIMIT)
      throw new TypeError(`its JSON text is too large: at most ${LIMIT} characters`);
    text += piece;
  };
  for (let value = root; ; ) {
    if (isScalar(value)) append(scalarText(value));
    else {
      const container = opened(value, open, depths);
      // Far faster, and correct where the value has nothing special.
      if (container.items.every(isPlainScalar)) append(JSON.stringify(container.ordered));
      else {
        append(container.keys ? '{' : '[');
        depths.set(container.value, open.length);
        open.push(container);
      }
    }
    let last = open.at(-1);
    while (last && last.next === last.items.length) {
      append(last.keys ? '}' : ']');
      depths.delete(last.value);
      open.pop();
      last = open.at(-1);
    }
    if (!last) return text;
    if (last.next > 0) append(',');
    if (last.keys) append(`${JSON.stringify(last.keys[last.next])}:`);
    value = last.items[last.next++];
  }
}

type Scalar = null | boolean | string | number;

function isScalar(value: unknown): value is Scalar {
  return isPlainScalar(value) || Object.is(value, -0);
}

/** Whether JSON.stringify gives text that reads as the same value. */
function isPlainScalar(value: unknown): value is Scalar {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function scalarText(value: Scalar): string {
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function opened(value: unknown, open: readonly Open[], depths: ReadonlyMap<object, number>): Open {
  if (typeof value === 'number') throw new TypeError(`${pathOf(open)} is ${value}: not a JSON number`);
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`${pathOf(open)} is ${describeValue(value)}: JSON cannot hold it`);
  }
  const depth = depths.get(value);
  if (depth !== undefined) {
    throw new TypeError(`${pathOf(open)} is ${pathOf(open.slice(0, depth))} again: JSON cannot hold a circle`);
  }
  return Array.isArray(value) ? openedList(value, open) : openedObject(value, open);
}

function openedList(value: readonly unknown[], open: readonly Open[]): Open {
  if (Object.getPrototypeOf(value) !== Array.prototype) {
    throw new TypeError(`${pathOf(open)} is ${describeValue(value)}: JSON cannot hold it`);
  }
  const items = Array.from(value);
  const hole = items.findIndex((item, index) => item === undefined && !(index in value));
  if (hole >= 0) throw new TypeError(`${pathOf(open)}[${hole}] is a hole in the list: JSON cannot hold it`);
  const keys = [...Object.keys(value), ...Object.getOwnPropertySymbols(value)];
  if (keys.length > items.length) {
    throw new TypeError(`${pathOf(open)} is a list with a field ${String(keys[items.length])}: JSON cannot hold it`);
  }
  return { value, ordered: items, keys: undefined, items, next: 0 };
}

function openedObject(value: object, open: readonly Open[]): Open {
  const fields = plainFields(value, () => pathOf(open), 'JSON').filter(([, field]) => field !== undefined);
  // As an object has them, keys that are whole numbers come first.
  const ordered: Record<string, unknown> = Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
  return { value, ordered, keys: Object.keys(ordered), items: Object.values(ordered), next: 0 };
}

/** Of the value that is being looked at. */
function pathOf(open: readonly Open[]): string {
  const steps = open.map(({ keys, next }) => (keys ? fieldPath('', keys[next - 1] as string) : `[${next - 1}]`));
  if (steps.length > 2 * SHOWN_STEPS) steps.splice(SHOWN_STEPS, steps.length - 2 * SHOWN_STEPS, ' … ');
  return `$${steps.join('')}`;
}
