/**
 * Owns who may import whom: the table of `architecture.md`, section 3, as rules.
 * Must not know why a file wants to.
 */

const OURS = [
  'domain',
  'ledger',
  'providers',
  'activities',
  'workflows',
  'worker',
  'api',
  'runtime',
  'migrations',
  'sandbox',
  'bench',
  'bin',
  'test',
];

/**
 * One row a folder. `ours`: what it may import of us beside itself; `types`: as types only;
 * `packages`: the npm packages it is held to, null when any; `node`: whether Node's own modules.
 */
const TABLE = {
  domain: { ours: [], types: [], packages: [], node: false },
  ledger: {
    ours: ['domain/(money|ids|journal)\\.ts$'],
    types: [],
    packages: ['pg', 'knex'],
    node: true,
  },
  providers: { ours: ['domain/(money|ids|calendar)\\.ts$'], types: [], packages: null, node: true },
  // The shapes that travel are an activity's arguments: types only.
  activities: {
    ours: ['domain/', 'ledger/', 'providers/'],
    types: ['workflows/messages\\.ts$'],
    packages: null,
    node: true,
  },
  workflows: {
    ours: ['domain/'],
    types: ['activities/'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
  },
  worker: {
    ours: ['activities/', 'ledger/', 'providers/', 'runtime/', 'workflows/(messages|start)\\.ts$'],
    types: [],
    packages: null,
    node: true,
  },
  api: {
    ours: ['domain/', 'ledger/', 'providers/', 'runtime/', 'workflows/(messages|start)\\.ts$'],
    types: [],
    packages: null,
    node: true,
  },
  runtime: { ours: [], types: [], packages: null, node: true },
  migrations: { ours: [], types: [], packages: null, node: true },
  sandbox: {
    ours: ['domain/(money|ids|calendar)\\.ts$', 'runtime/'],
    types: [],
    packages: null,
    node: true,
  },
  // The bench plays previews: pure, so it measures `domain/` itself.
  bench: {
    ours: ['domain/', 'runtime/', 'ledger/', 'activities/', 'workflows/messages\\.ts$'],
    types: [],
    packages: null,
    node: true,
  },
  // Printers read the tables that they print.
  bin: { ours: ['sdk/', 'runtime/', 'domain/print-'], types: [], packages: null, node: true },
};

const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg'];

function rulesOf([folder, { ours, types, packages, node }]) {
  const from = { path: `^${folder}/` };
  const others = `^(${OURS.filter((name) => name !== folder).join('|')})/`;
  const allowed = [...ours, ...types].map((path) => `^${path}`);
  const rules = [
    { name: `${folder}-folders`, from, to: { path: others, pathNot: allowed } },
    ...types.map((path) => ({
      name: `${folder}-types-only`,
      from,
      to: { path: `^${path}`, dependencyTypesNot: ['type-only'] },
    })),
  ];
  if (packages !== null) {
    const pathNot = packages.map((name) => `node_modules/(@types/)?${name}/`);
    rules.push({ name: `${folder}-packages`, from, to: { dependencyTypes: NPM, pathNot } });
  }
  if (!node) rules.push({ name: `${folder}-node`, from, to: { dependencyTypes: ['core'] } });
  return rules.map((rule) => ({ ...rule, severity: 'error' }));
}

export default {
  forbidden: [
    ...Object.entries(TABLE).flatMap(rulesOf),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(main|index|failpoints\\.production)\\.ts$|^(bin|test)/' },
      to: {},
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-tools-in-the-product',
      severity: 'error',
      from: { path: `^(${OURS.join('|')})/`, pathNot: '^(bench|bin|test)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // `import type` is told apart from import; needs the parser of TypeScript itself.
    tsPreCompilationDeps: 'specify',
    parser: 'tsc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|console|sdk|contracts)/' },
  },
};
