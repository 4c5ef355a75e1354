// Makes the values of arguments that are described, in memory that shows what was written beyond an array.

/** Bytes before and after each array, which nobody may change. */
const MARGIN = 128;
const MARK = 0xa5;

const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45, 3.4e38, 1];

/** The arguments, and what says whether memory outside of their arrays has changed. */
export function realise(described, draw) {
  const blocks = [];
  const arrays = [];
  const values = [];
  described.forEach((argument, index) => {
    values[index] = realiseOne(argument, { draw, blocks, arrays, index });
  });
  return { values, damaged: () => blocks.findIndex((block) => !isWhole(block)) };
}

function realiseOne(argument, context) {
  switch (argument.kind) {
    case 'number':
      return Number(argument.value);
    case 'flag':
      return argument.value;
    case 'null':
      return null;
    case 'other':
      return otherOf(argument.value);
    case 'list':
      return listOf(argument, context);
    case 'array':
      return arrayOf(argument, context);
    default:
      throw new Error(`no value is known for ${argument.kind}`);
  }
}

function otherOf(value) {
  const others = {
    undefined: undefined,
    null: null,
    string: '3',
    object: { length: 3 },
    bigint: 3n,
    symbol: Symbol('3'),
    function: () => 3,
    true: true,
    emptyArray: [],
    proxy: new Proxy(new Float32Array(8), {}),
    dataView: new DataView(new ArrayBuffer(64)),
  };
  return others[value];
}

function listOf(argument, context) {
  const items = argument.items.map((item) => realiseOne(item, context));
  if (argument.length !== undefined) items.length = argument.length;
  if (argument.detaches) {
    const last = items.pop();
    const { blocks } = context;
    Object.defineProperty(items, items.length, {
      enumerable: true,
      get: () => {
        for (const { buffer } of blocks)
          if (buffer instanceof ArrayBuffer) structuredClone(buffer, { transfer: [buffer] });
        return last;
      },
    });
  }
  return argument.proxied ? new Proxy(items, {}) : items;
}

function arrayOf(argument, { draw, blocks, arrays, index }) {
  const Type = globalThis[argument.type];
  const length = argument.values?.length ?? argument.length;
  const other = argument.within && arrays[argument.within.argument];
  if (other !== undefined) {
    const offset = other.byteOffset + argument.within.byteOffset;
    const fits = offset % Type.BYTES_PER_ELEMENT === 0 && offset <= other.buffer.byteLength;
    const room = fits ? Math.floor((other.buffer.byteLength - MARGIN - offset) / Type.BYTES_PER_ELEMENT) : 0;
    if (room > 0) return new Type(other.buffer, offset, Math.min(length, room));
  }
  const bytes = length * Type.BYTES_PER_ELEMENT;
  const buffer = bufferOf(argument.memory, bytes + 2 * MARGIN);
  new Uint8Array(buffer).fill(MARK);
  const array =
    argument.memory === 'tracking' && buffer.resizable ? new Type(buffer, MARGIN) : new Type(buffer, MARGIN, length);
  fill(array.length === length ? array : array.subarray(0, length), argument, draw);
  if (argument.memory === 'detached') structuredClone(buffer, { transfer: [buffer] });
  else if (argument.memory === 'shrunk' && buffer.resizable) buffer.resize(MARGIN + Math.floor(bytes / 2));
  else if (argument.memory !== 'tracking') blocks.push({ buffer, end: MARGIN + bytes });
  arrays[index] = array;
  return array;
}

function bufferOf(memory, bytes) {
  switch (memory) {
    case 'shared':
      return new SharedArrayBuffer(bytes);
    case 'growable':
      return new SharedArrayBuffer(bytes, { maxByteLength: 2 * bytes });
    case 'resizable':
    case 'shrunk':
    case 'tracking':
      return new ArrayBuffer(bytes, { maxByteLength: 2 * bytes });
    default:
      return new ArrayBuffer(bytes);
  }
}

function fill(array, { values, fill: kind }, draw) {
  const isBig = array instanceof BigInt64Array;
  for (let i = 0; i < array.length; i++) {
    const value = values ? values[i] : draws[kind](draw);
    array[i] = isBig ? BigInt(Math.trunc(Number.isFinite(value) ? value : 0)) : value;
  }
}

const draws = {
  uniform: (draw) => 2 * draw.uniform() - 1,
  sparse: (draw) => (draw.chance(0.85) ? 0 : draw.uniform()),
  zero: () => 0,
  special: (draw) => draw.pick(SPECIAL),
};

/** Detached memory has no bytes left to look at; V8 has been seen to read an old view of it as if it had. */
function isWhole({ buffer, end }) {
  if (buffer.byteLength === 0) return true;
  const marks = new Uint8Array(buffer);
  for (let i = 0; i < MARGIN && i < marks.length; i++) if (marks[i] !== MARK) return false;
  for (let i = end; i < marks.length; i++) if (marks[i] !== MARK) return false;
  return true;
}
