/** The text around a bundle. */
export interface StageFactory {
  readonly text: string;
  readonly sourceMap: string;
}

const EXPORT = /export\{([^\s{}]+) as default\};?\s*(\/\/# sourceMappingURL=\S*)?\s*$/;

/** The name of the parameter that checks computed imports. It is as long as `import`, so that columns still match the source map. */
const COMPUTED_IMPORT = 'import'.length;

/**
 * Turns a bundle into a function, so that every node has module state of its own. With a module, what one node leaves in a variable
 * would be there for the next node of the same worker. The first line holds the imports of packages. The rest is the bundle, with
 * every character in its column:
 *
 *     import{x}from"package";export default async(checkImport)=>{…
 *     …the bundle…return stage_default}
 *
 * The bundle calls `checkImport` with each computed name before it imports it.
 */
export async function asStageFactory(bundle: string, sourceMap: string): Promise<StageFactory> {
  const { init, parse } = await import('es-module-lexer');
  await init;
  const [imports] = parse(bundle);
  const computed = nameOfLength(COMPUTED_IMPORT, bundle);
  const packages: string[] = [];
  let body = '';
  let at = 0;
  for (const { n: specifier, ss: start, se: end, d: dynamic } of imports) {
    if (dynamic === -1) {
      packages.push(`${bundle.slice(start, end)};`);
      const after = bundle[end] === ';' ? end + 1 : end;
      body += bundle.slice(at, start) + blank(bundle.slice(start, after));
      at = after;
    } else if (dynamic >= 0 && specifier === undefined) {
      body += bundle.slice(at, start) + computed;
      at = start + COMPUTED_IMPORT;
    }
  }
  body += bundle.slice(at);
  const exported = EXPORT.exec(body);
  if (!exported) throw new Error('the bundle does not end with the export of a stage');
  const isCommonJs = body.includes('__require');
  const first = [
    ...packages,
    ...(isCommonJs
      ? [
          'import{createRequire as createRequireOfStage}from"node:module";const require=createRequireOfStage(import.meta.url);',
        ]
      : []),
    `export default async(checkImport)=>{const ${computed}=(name,options)=>{checkImport(name);return import(name,options)};`,
  ].join('');
  const [, name] = exported;
  return {
    text: `${first}\n${body.slice(0, exported.index)}return ${name}}\n//# sourceMappingURL=stage.mjs.map\n`,
    sourceMap: belowOneLine(sourceMap),
  };
}

/** The bundle in its factory, with its layout. */
export function bundleInFactory({ text, sourceMap }: StageFactory): StageFactory {
  const start = text.indexOf('\n') + 1;
  const map = JSON.parse(sourceMap) as { mappings: string };
  return {
    text: text.slice(start).replace(/return [^\s{}]+\}\n(?=\/\/# sourceMappingURL=\S*\n$)/, ''),
    sourceMap: JSON.stringify({ ...map, mappings: map.mappings.replace(/^;/, '') }),
  };
}

function belowOneLine(sourceMap: string): string {
  const map = JSON.parse(sourceMap) as { mappings: string };
  return JSON.stringify({ ...map, mappings: `;${map.mappings}` });
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** An identifier that does not occur in the text. */
function nameOfLength(length: number, text: string): string {
  for (let number = 0; ; number++) {
    const name = `i${number.toString(36).padStart(length - 1, '$')}`;
    if (!text.includes(name)) return name;
  }
}
