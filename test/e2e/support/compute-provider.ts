/** The files of an installed compute provider, `acme-compute`. @param module its code */
export function computeProvider(module: string): Readonly<Record<string, string>> {
  return {
    'node_modules/acme-compute/package.json': JSON.stringify({
      name: 'acme-compute',
      version: '1.0.0',
      type: 'module',
      exports: { './compute-provider': './provider.js', './package.json': './package.json' },
    }),
    'node_modules/acme-compute/provider.js': module,
  };
}
