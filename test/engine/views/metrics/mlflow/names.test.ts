import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mlflowKeys } from '../../../../../src/engine/views/metrics/mlflow/names.ts';

/** What MLflow 3 checks (mlflow/utils/validation.py): the characters, and that the name is a path in its shortest form. */
function isTaken(key: string): boolean {
  const isPlain = /^[/\p{L}\p{N}_.\- :]*$/u.test(key);
  const parts = key.split('/');
  const isShortest = key !== '' && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  return isPlain && isShortest && key.length <= 250;
}

it('every name has a key that MLflow takes, and no two the same', () => {
  const name = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '.', '/', '%', 'κ', '\u0302', ' ', '_', '2') }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.constantFrom('x'.repeat(250), 'x'.repeat(251), `${'x'.repeat(249)}/y`, '__proto__', 'constructor'),
  );
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 30 }), (names) => {
      const keyOf = mlflowKeys();
      const keys = names.map(keyOf);
      expect(keys.filter((key) => !isTaken(key))).toEqual([]);
      expect(new Set(keys).size).toBe(names.length);
      expect(names.map(keyOf)).toEqual(keys);
    }),
  );
});

it('a name that MLflow takes is its own key', () => {
  const keyOf = mlflowKeys();
  for (const name of ['loss', 'train/loss', 'lr-1.5e: x', 'λ_2']) expect(keyOf(name)).toBe(name);
});
