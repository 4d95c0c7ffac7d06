/** Ends a run with one plain line: `N passed, N failed`. */
export default class ClosingLine {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const line = `\n${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}
