import type { JsonObject, JsonValue } from '../../src/engine/base/json.ts';

/** Params by their paths. */
export function Params({ params, empty }: { readonly params: JsonObject; readonly empty: string }) {
  const leaves = leavesOf(params, '');
  if (leaves.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <dl class="pairs">
      {leaves.map(([path, value]) => (
        <div key={path}>
          <dt>{path}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Numbers are written as the file has them: a param is compared digit by digit. */
function leavesOf(value: JsonValue, path: string): readonly (readonly [string, JsonValue])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  const entries = Object.entries(value);
  if (entries.length === 0) return path === '' ? [] : [[path, value]];
  return entries.flatMap(([name, child]) => leavesOf(child, path === '' ? name : `${path}.${name}`));
}
