import { availableParallelism, totalmem } from 'node:os';

const WORKER_BYTES = 4e9;
/** PostgreSQL has 100 connections, of which a suite with several processes takes a quarter. */
const MOST_WORKERS = 4;

/** One configuration for both lanes: TEST_DATABASE_URL and TEST_REDIS_URL choose the server lane. */
export default {
  roots: ['<rootDir>/dist'],
  testMatch: ['**/*.spec.js'],
  transform: {},
  testEnvironment: '<rootDir>/test/support/native-environment.cjs',
  testRunner: '<rootDir>/test/support/native-runner.cjs',
  globalSetup: '<rootDir>/dist/test/support/global-setup.js',
  reporters: ['default', 'summary', '<rootDir>/test/support/closing-line.js'],
  // Each worker holds an embedded PostgreSQL, and starts processes that hold one too.
  maxWorkers: Math.max(
    2,
    Math.min(MOST_WORKERS, availableParallelism(), Math.floor(totalmem() / WORKER_BYTES)),
  ),
  workerIdleMemoryLimit: '3GB',
  testTimeout: 60_000,
};
