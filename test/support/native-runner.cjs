/**
 * Jest's own test framework (hooks, timeouts, retries, reports), but the suites are imported by Node itself, from
 * `dist`, and not in Jest's sandbox: a worker loads and compiles the program and its packages once, not once a suite.
 * What modules keep is therefore shared by the suites of a worker.
 */
const { pathToFileURL } = require('node:url');
const { default: circus } = require('jest-circus/runner');

/** A framework that knows no suite yet: it keeps the present one in its module, and its handlers beside it. */
function freshFramework(path) {
  delete require.cache[path];
  delete globalThis[Symbol.for('EVENT_HANDLERS')];
  return require(path);
}

/** It keeps the first logger of a process for ever. */
async function forgetLogger() {
  const { __resetOutOfContextForTests: forget } = await import(
    pathToFileURL(require.resolve('nestjs-pino').replace(/cjs.index\.js$/, 'esm/PinoLogger.js'))
  );
  forget();
}

module.exports = async (globalConfig, config, environment, runtime, testPath, sendMessageToJest) => {
  await forgetLogger();
  globalThis.jest = runtime.requireModuleOrMock(testPath, '@jest/globals').jest;
  const native = Object.create(runtime, {
    requireInternalModule: { value: freshFramework },
    unstable_shouldLoadAsEsm: { value: () => true },
    unstable_importModule: { value: (path) => import(pathToFileURL(path)) },
  });
  return circus(globalConfig, config, environment, native, testPath, sendMessageToJest);
};
