// What can be wrong with arguments.

const NUMBERS = [
  ...[
    -1,
    0,
    1,
    0.5,
    -0,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 40,
    2 ** 52,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 63,
    2 ** 64,
  ],
  ...['NaN', 'Infinity', '-Infinity'],
];
const INTEGERS = [-(2 ** 31), -65536, -4, -1, 0, 1, 2, 7, 64, 1000, 65536, 2 ** 30, 2 ** 31 - 1];
const OTHERS = [
  'undefined',
  'null',
  'string',
  'object',
  'bigint',
  'symbol',
  'function',
  'true',
  'emptyArray',
  'proxy',
  'dataView',
];
const TYPES = ['Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Uint8Array', 'BigInt64Array', 'Int8Array'];
const MEMORIES = ['detached', 'shared', 'growable', 'resizable', 'shrunk', 'tracking'];

/** The arguments with one to three things changed. */
export function mutated(described, draw) {
  const changed = structuredClone(described);
  for (let times = draw.whole(1, 3); times > 0; times--) {
    const which = draw.uniform();
    if (which < 0.03) changed.length = draw.whole(0, changed.length);
    else if (which < 0.06) changed.push({ kind: 'other', value: draw.pick(OTHERS) });
    else if (changed.length > 0) mutate(changed, draw.whole(0, changed.length - 1), draw);
  }
  return changed;
}

function mutate(described, index, draw) {
  const argument = described[index];
  if (draw.chance(0.08)) {
    described[index] = { kind: 'other', value: draw.pick(OTHERS) };
  } else if (argument.kind === 'number') {
    argument.value = draw.chance(0.3) ? Number(argument.value) + draw.pick([-1, 1, 7]) : draw.pick(NUMBERS);
  } else if (argument.kind === 'flag') {
    described[index] = { kind: 'other', value: draw.pick(OTHERS) };
  } else if (argument.kind === 'list') {
    mutateList(argument, draw);
  } else if (argument.kind === 'array') {
    mutateArray(described, index, draw);
  }
}

function mutateArray(described, index, draw) {
  const argument = described[index];
  const values = argument.values;
  if (values !== undefined && values.length > 0 && draw.chance(0.6)) {
    values[draw.whole(0, values.length - 1)] = draw.pick(INTEGERS);
    return;
  }
  const others = described.flatMap((other, place) => (place !== index && other.kind === 'array' ? [place] : []));
  switch (draw.pick(['length', 'type', 'memory', 'overlap'])) {
    case 'length':
      if (values === undefined)
        argument.length = Math.max(0, argument.length + draw.pick([-argument.length, -1, 1, 100]));
      else values.pop();
      break;
    case 'type':
      argument.type = draw.pick(TYPES);
      break;
    case 'memory':
      argument.memory = draw.pick(MEMORIES);
      break;
    case 'overlap':
      if (others.length > 0) argument.within = { argument: draw.pick(others), byteOffset: draw.pick([0, 8, 16, 64]) };
  }
}

function mutateList(argument, draw) {
  switch (draw.pick(['item', 'sparse', 'getter', 'proxy', 'shorter'])) {
    case 'item':
      mutate(argument.items, draw.whole(0, Math.max(0, argument.items.length - 1)), draw);
      break;
    case 'sparse':
      argument.length = draw.pick([2 ** 32 - 1, 2 ** 31, argument.items.length + 1]);
      break;
    case 'getter':
      argument.detaches = true;
      break;
    case 'proxy':
      argument.proxied = true;
      break;
    case 'shorter':
      argument.items.pop();
  }
}
