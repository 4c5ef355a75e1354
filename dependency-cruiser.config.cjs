// The layers of ARCHITECTURE.md: a file imports its own folder or a lower layer. Type imports count.
const layers = ['base', 'contract', 'spec', 'plan', 'keys', 'store', 'run', 'ui', 'report', 'library', 'cli'];
// What puts concrete things together chooses the backend too.
const constructsThings = ['library', 'cli'];
const islands = ['compute', 'models', 'vmf', 'data', 'figures'];

const layerRules = layers.map((layer, depth) => ({
  name: `${layer}-imports-lower-layers-only`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: {
    path: '^(src|stages)/',
    pathNot: `^src/(${layers.slice(0, depth + 1).join('|')})/${constructsThings.includes(layer) ? '|^src/compute/' : ''}`,
  },
}));

const islandRules = islands.map((island) => ({
  name: `${island}-is-an-island`,
  severity: 'error',
  from: { path: `^src/${island}/` },
  to: { path: '^(src|stages)/', pathNot: `^src/(base|${island})/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...islandRules,
    {
      name: 'stages-see-contract-and-islands',
      severity: 'error',
      from: { path: '^stages/' },
      to: { path: '^src/', pathNot: `^src/(contract|${islands.join('|')})/` },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(src|stages)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
