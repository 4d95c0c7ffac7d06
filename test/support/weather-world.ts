import { Air } from '../../src/modules/weather/air.service.js';
import { Cells } from '../../src/modules/weather/cells.service.js';
import { Weather } from '../../src/modules/weather/weather.service.js';
import { type AirKoreaSimulator, startAirKorea } from '../simulators/air-korea.js';
import { type KmaSimulator, startKma } from '../simulators/kma.js';
import { restBreakers } from './breakers.js';
import { startTestApp, type TestApp } from './harness.js';
import { TestClock } from './test-clock.js';

export interface WeatherWorld {
  test: TestApp;
  kma: KmaSimulator;
  airKorea: AirKoreaSimulator;
  /** What is fetched behind the answers has come. */
  settled(): Promise<void>;
  /** As after a long time: all providers answer again, nobody rests, nothing is stored. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** The app with KMA and AirKorea, who all share one clock. */
export async function startWeatherWorld(env: Record<string, string> = {}): Promise<WeatherWorld> {
  const clock = new TestClock();
  const now = () => clock.nowMs();
  const [kma, airKorea] = await Promise.all([startKma({ now }), startAirKorea({ now })]);
  const test = await startTestApp({ clock, env: { ...kma.env, ...airKorea.env, ...env } });
  const settled = async () => {
    await Promise.all([test.app.get(Cells).settled(), test.app.get(Air).settled()]);
  };
  return {
    ...{ test, kma, airKorea, settled },
    async reset() {
      await settled();
      kma.reset();
      airKorea.reset();
      restBreakers(test);
      test.app.get(Weather)['inVainAtMs'].clear();
      test.app.get(Cells).failedAtMs = -Infinity;
      clock.set('2026-11-20T03:20:00Z');
      await test.db.prisma.weatherCell.deleteMany();
      await test.db.prisma.airStation.deleteMany();
      await test.db.prisma.dailyQuota.deleteMany();
    },
    async close() {
      kma.clearFaults();
      airKorea.clearFaults();
      await test.close();
      await Promise.all([kma.close(), airKorea.close()]);
    },
  };
}
