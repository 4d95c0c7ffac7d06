/** One configuration for both lanes: TEST_DATABASE_URL and TEST_REDIS_URL choose the server lane. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  globalSetup: '<rootDir>/dist/test/support/global-setup.js',
  reporters: ['default', 'summary', '<rootDir>/test/support/closing-line.js'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  // Looking a global up in Jest's sandbox is slow: the track rules run twice as fast with this one at hand.
  sandboxInjectedGlobals: ['Math'],
  // Each worker holds an embedded PostgreSQL of about 1 GB.
  maxWorkers: 2,
  workerIdleMemoryLimit: '3GB',
  testTimeout: 60_000,
};
