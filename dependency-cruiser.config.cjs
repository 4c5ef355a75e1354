// The parts and layers of ARCHITECTURE.md. Type imports count.

/** Of the engine: a file imports its own folder or one that stands before it. */
const layers = [
  'base',
  'stage',
  'pipeline',
  'settings',
  'plan',
  'dvc',
  'keys',
  'store',
  'sources',
  'environments',
  'staleness',
  'shared',
  'workers',
  'compute',
  'units',
  'run',
  'views',
  'api',
  'cli',
];

const layerRules = layers.map((layer, depth) => ({
  name: `engine-${layer}-imports-lower-layers-only`,
  severity: 'error',
  from: { path: `^src/engine/${layer}/` },
  to: {
    path: '^src/engine/',
    pathNot: `^src/engine/(${layers.slice(0, depth + 1).join('|')}|schemas)/|^src/engine/package.json$`,
  },
}));

/** Folders of the paper that know no other folder of it but those given. */
const paper = {
  networks: [],
  training: ['networks'],
  gradients: ['networks', 'training'],
  statistics: [],
  datasets: [],
  figures: [],
};

const paperRules = Object.entries(paper).map(([folder, others]) => ({
  name: `sgd-${folder}-knows-${others.join('-and-') || 'no-other-folder'}`,
  severity: 'error',
  from: { path: `^src/sgd/${folder}/` },
  to: { path: '^src/sgd/', pathNot: `^src/sgd/(${[folder, ...others].join('|')})/` },
}));

/** Of the live page: a file imports its own folder or one that stands before it. */
const pageLayers = ['format', 'address', 'data', 'parts', 'views', 'app', 'report'];

const pageRules = pageLayers.map((layer, depth) => ({
  name: `ui-${layer}-imports-lower-layers-only`,
  severity: 'error',
  from: { path: `^ui/${layer}/` },
  to: { path: '^ui/', pathNot: `^ui/(${pageLayers.slice(0, depth + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    {
      name: 'engine-knows-no-tensors',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/tensors/' },
    },
    { name: 'engine-knows-no-paper', severity: 'error', from: { path: '^src/engine/' }, to: { path: '^src/sgd/' } },
    { name: 'engine-knows-no-stages', severity: 'error', from: { path: '^src/' }, to: { path: '^stages/' } },
    { name: 'tensors-know-no-paper', severity: 'error', from: { path: '^src/tensors/' }, to: { path: '^src/sgd/' } },
    {
      name: 'tensors-know-no-engine',
      severity: 'error',
      from: { path: '^src/tensors/' },
      to: { path: '^src/engine/' },
    },
    ...layerRules,
    {
      name: 'cli-goes-through-the-api',
      comment: 'Stores and leases are opened, and runs are started, in one place. Types may be named.',
      severity: 'error',
      from: { path: '^src/engine/cli/' },
      to: {
        path: '^src/engine/',
        pathNot: '^src/engine/((base|stage|views|api|cli|schemas)/|package.json$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'the-api-opens-the-cache-in-one-place',
      severity: 'error',
      from: { path: '^src/engine/(views|api|index)', pathNot: '^src/engine/api/cache/(open-cache|hold-lease)\\.ts$' },
      to: {
        path: '^src/engine/(store/lmdb/(lmdb-store|open)|store/lock/.*|run/lease)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'paper-sees-stage-contract-only',
      severity: 'error',
      from: { path: '^src/sgd/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/(base|stage)/' },
    },
    ...paperRules,
    ...pageRules,
    {
      name: 'ui-sees-the-contract-only',
      comment: 'The names of states are its only values; types of what the contract holds may be named.',
      severity: 'error',
      from: { path: '^ui/' },
      to: {
        path: '^(src|stages)/',
        pathNot:
          '^src/engine/(views/(live/protocol|report/report-content|provenance/provenance)|base/json|store/metric-series)\\.ts$',
      },
    },
    {
      name: 'ui-is-served-not-imported',
      severity: 'error',
      from: { path: '^(src|stages)/' },
      to: { path: '^ui/' },
    },
    {
      name: 'ui-report-shares-parts-only',
      comment: 'A report is HTML: nothing in it asks a server.',
      severity: 'error',
      from: { path: '^ui/report/' },
      to: { path: '^ui/(data|views|app)/', reachable: true },
    },
    {
      name: 'ui-views-know-no-other-view',
      severity: 'error',
      from: { path: '^ui/views/([^/]+)/' },
      to: { path: '^ui/views/', pathNot: '^ui/views/$1/' },
    },
    {
      name: 'stages-see-stage-contract-only',
      severity: 'error',
      from: { path: '^stages/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/(base|stage)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '\\.d\\.ts$|^ui/.*\\.(css|json)$|^ui/report/behaviour\\.ts$|^src/engine/(bin|schemas|templates)/',
      },
      to: {},
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(src|stages)/', pathNot: '^src/engine/templates/' },
      // These are part of the bundled command line; test/e2e/projects/package.test.ts checks that the library needs none of them.
      to: {
        dependencyTypes: ['npm-dev'],
        pathNot: 'node_modules/(@viz-js/viz|commander|diff|log-update|marked|yazl)/',
      },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/engine/(dist|templates)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
