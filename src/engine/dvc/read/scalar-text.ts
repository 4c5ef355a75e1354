import type { ScalarTree } from '../../pipeline/yaml/tree.ts';

/** How a scalar is written in its file. */
function written({ place }: ScalarTree): string {
  return place.source.text.slice(place.start, place.end);
}

/** Whether readers of YAML that tell whole numbers from others take this one for another: `10.0`, `1e3`. */
function isFloat(scalar: ScalarTree): boolean {
  return typeof scalar.value === 'number' && /^[-+]?[\d.]*(?:\.|e)[-+\d.]*$/i.test(written(scalar));
}

/** The text that DVC puts in the place of `${…}`; undefined for null, which has none. */
export function textInDvc(scalar: ScalarTree): string | undefined {
  const { value } = scalar;
  if (value === null) return undefined;
  return typeof value === 'number' && isFloat(scalar) ? pythonFloat(value) : String(value);
}

/** `repr` of Python: 1e-05 and 10.0, where JavaScript writes 0.00001 and 10. */
function pythonFloat(value: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (Number.isInteger(value)) return `${BigInt(value)}.0`;
  if (exponent >= 0) return String(value);
  const digits = mantissa.replace(/[-.]/g, '');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-exponent - 1)}${digits}`;
}

/** Texts without quotes that PyYAML, which most programs use, reads as dates, times or sexagesimal numbers. */
const OTHER_IN_PYYAML = /^(\d{4}-\d\d?-\d\d?([Tt ].*)?|[-+]?[1-9][\d_]*(:[0-5]?\d)+(\.\d*)?)$/;

/** Why a program may not get the value that it gets under DVC; undefined where it does. */
export function differenceOf(
  scalar: ScalarTree,
): { readonly kind: 'type' | 'value'; readonly fact: string } | undefined {
  const text = written(scalar);
  const { value } = scalar;
  if (typeof value === 'string' && text === value && OTHER_IN_PYYAML.test(text)) {
    return { kind: 'value', fact: `${text} is a text here, and a date or a number for PyYAML` };
  }
  if (typeof value === 'number' && Number.isInteger(value) && isFloat(scalar)) {
    return { kind: 'type', fact: `${text} reaches the program as ${value}, a whole number` };
  }
  return undefined;
}
