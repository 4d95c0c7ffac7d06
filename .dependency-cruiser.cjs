/** The rules of ARCHITECTURE.md that are about who may import whom. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'platform-knows-no-product',
      severity: 'error',
      from: { path: '^src/platform' },
      to: { path: '^src/(modules|app|schedule)' },
    },
    {
      name: 'modules-meet-at-their-face',
      comment: 'Another module is imported through its index.ts only.',
      severity: 'error',
      from: { path: '^src/modules/([^/]+)/' },
      to: { path: '^src/modules/[^/]+/.+', pathNot: ['^src/modules/$1/', '^src/modules/[^/]+/index\\.ts$'] },
    },
    {
      name: 'app-uses-faces',
      severity: 'error',
      from: { path: '^src/(app|app\\.module|schedule|main)\\.ts$' },
      to: { path: '^src/modules/[^/]+/.+', pathNot: '^src/modules/[^/]+/index\\.ts$' },
    },
    {
      name: 'pure-rules',
      comment: 'Rule files know neither Nest nor the database nor the clock.',
      severity: 'error',
      from: {
        path: [
          '^src/modules/walks/track/',
          '^src/platform/rules/',
          '^src/modules/badges/(facts|badge-table|badge-texts)\\.ts$',
          '(period|-rule|rules|push-text|-states)\\.ts$',
        ],
        pathNot: '\\.spec\\.ts$',
      },
      to: {
        path: [
          '^node_modules/(@nestjs|@prisma|pg|pg-boss)/',
          '^src/generated/prisma/client',
          '^src/platform/(database|queue|http|clock/clock)',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'src-does-not-use-tests',
      severity: 'error',
      from: { path: '^src', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(test|demo|bench|scripts)/' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: { path: '^src' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-packages-in-src',
      severity: 'error',
      from: { path: '^src', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'src/generated'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
