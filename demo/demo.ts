/** `npm run demo`: the app on the embedded database, with simulated providers; plays the main job and stays up. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SchedulerRegistry } from '@nestjs/schedule';
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { passTime } from '../src/modules/entitlement/index.js';
import { chargeDue } from '../src/modules/payments/index.js';
import { syncPlaces } from '../src/modules/places/index.js';
import { refreshRankings } from '../src/modules/rankings/index.js';
import { makeRecommendations } from '../src/modules/recommendations/index.js';
import { Database } from '../src/platform/database/database.js';
import { Queue } from '../src/platform/queue/queue.js';
import { startAppStore } from '../test/simulators/app-store.js';
import { startFcm } from '../test/simulators/fcm.js';
import { startLoginProviders } from '../test/simulators/login-providers.js';
import { startToss } from '../test/simulators/toss.js';
import { MovedClock } from './moved-clock.js';
import { startSeoul } from './seoul.js';
import { play } from './story.js';

const { values: options } = parseArgs({ options: { exit: { type: 'boolean' }, json: { type: 'boolean' } } });
const say = (line: string) => void process.stdout.write(`${line}\n`);

const startedMs = performance.now();
const clock = new MovedClock();
const now = () => clock.nowMs();
const [providers, fcm, toss, appStore, seoul] = await Promise.all([
  startLoginProviders({ now, walkIns: true }),
  startFcm(),
  startToss({ now }),
  startAppStore({ now }),
  startSeoul({ now }),
]);
const config = loadConfig({
  ...{ LOG_LEVEL: 'warn', RATE_LIMIT_FACTOR: '1e6', ...process.env },
  ...{ ...providers.env, ...fcm.env, ...toss.env, ...appStore.env, ...seoul.env },
});
const app = await createApp(config, clock);
await app.listen(config.http.port, config.http.host).catch(() => app.listen(0, config.http.host));
const url = await app.getUrl();
say(`멍이랑이 ${((performance.now() - startedMs) / 1000).toFixed(1)}초 만에 ${url} 에서 열렸어요.\n`);

/** What the schedule would do at its time. */
const run = (job: typeof refreshRankings) => () =>
  app
    .get(Database)
    .transaction((tx) => app.get(Queue).enqueue(tx, job, { slotAt: clock.now().toISOString() }));
/** In a time that is not now the schedule would close boards and forget logins. */
async function awayFromNow<T>(story: () => Promise<T>): Promise<T> {
  const ticks = [...app.get(SchedulerRegistry).getCronJobs().values()];
  for (const tick of ticks) void tick.stop();
  try {
    return await story();
  } finally {
    clock.comeBack();
    for (const tick of ticks) tick.start();
  }
}
const stop = async () => {
  await app.close();
  await Promise.all([providers, fcm, toss, appStore, seoul].map((simulator) => simulator.close()));
};
try {
  const { summary, phone } = await play({
    ...{ url, providers, fcm, say },
    refreshRankings: run(refreshRankings),
    makeRecommendations: run(makeRecommendations),
    syncPlaces: run(syncPlaces),
    cardPath: join(config.dataDir, 'demo', 'share-card.png'),
    ...{ toss, appStore, clock, awayFromNow, chargeDue: run(chargeDue), passTime: run(passTime) },
  });
  if (!options.exit) {
    say(
      `\n직접 해 보기: ${url}/docs 의 POST /auth/kakao 예시를 그대로 실행하면 로그인돼요. Authorize에는 받은 accessToken이나 보리누나의 토큰을 넣어요. (Ctrl+C로 끝내요)\n${phone.token}`,
    );
  }
  if (options.json) say(JSON.stringify(summary));
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = 1;
}
if (options.exit || process.exitCode) await stop();
else for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop());
