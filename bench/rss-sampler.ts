/** A thread of its own, because the measured one is busy just when it matters: keeps the highest RSS seen. */
import { workerData } from 'node:worker_threads';

const EVERY_MS = 2;

const peakBytes = new Float64Array(workerData as SharedArrayBuffer);
const never = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  peakBytes[0] = Math.max(peakBytes[0]!, process.memoryUsage.rss());
  Atomics.wait(never, 0, 0, EVERY_MS);
}
