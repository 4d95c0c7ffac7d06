/** `src/main.ts` at another time: CLOCK_AHEAD_MS, which only this file reads, is added to the clock. */
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { Clock } from '../../src/platform/clock/clock.js';

const aheadMs = Number(process.env.CLOCK_AHEAD_MS);

class ClockAhead extends Clock {
  override nowMs(): number {
    return Date.now() + aheadMs;
  }
}

const config = loadConfig(process.env);
const app = await createApp(config, new ClockAhead());
await app.listen(config.http.port, config.http.host);
process.stdout.write(`${await app.getUrl()}\n`);
