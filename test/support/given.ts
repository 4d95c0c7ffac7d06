import { v7 as uuidv7 } from 'uuid';
import type { TrackPoint } from '../../src/modules/walks/track/index.js';
import { streetWalk } from '../builders/tracks.js';
import { Subscriptions } from '../../src/modules/entitlement/index.js';
import type { Store } from '../../src/generated/prisma/enums.js';
import { DAY_MS, paid, renewal } from '../builders/facts.js';
import { wirePoints } from '../builders/wire.js';

export { chunked, wirePoints } from '../builders/wire.js';
import { appOf, type Person } from './api.js';

let seed = 1;

/** What most tests start from, in one line each. */
export const given = {
  async pet(of: Person, { name = '보리', weightKg = 8.5 }: { name?: string; weightKg?: number | null } = {}) {
    const { data } = await of.api.POST('/pets', { body: { name, weightKg } });
    return data!;
  },

  /** A monthly subscription that was paid for until then (30 days from now unless told), and does not renew. */
  async premium(of: Person, { until, store = 'apple' }: { until?: Date; store?: Store } = {}) {
    const test = appOf(of);
    const nowMs = test.clock.nowMs();
    const endsAtMs = until?.getTime() ?? nowMs + 30 * DAY_MS;
    const startsAtMs = Math.min(nowMs, endsAtMs - 30 * DAY_MS);
    const sale = {
      ...{ store, storeKey: of.id, environment: 'production' as const, userId: of.id },
    };
    return test.db.transaction((tx) =>
      test.app
        .get(Subscriptions)
        .learn(tx, sale, [
          paid(String(endsAtMs), { startsAtMs, endsAtMs }),
          renewal({ asOf: nowMs, renews: false }),
        ]),
    );
  },

  /** A completed walk, uploaded whole; a realistic street walk unless points are given. */
  async walk(
    of: Person,
    { km = 2, startMs = Date.parse('2026-11-20T01:00:00Z'), points, petId, ...rest }: GivenWalk = {},
  ) {
    const pet = petId ?? (await given.pet(of)).id;
    const track = points ?? streetWalk({ startMs, km, noiseM: 4, seed: seed++ });
    const { data, error } = await of.api.PUT('/walks/{id}', {
      params: { path: { id: uuidv7() } },
      body: { petIds: [pet], points: wirePoints(track), ...rest },
    });
    if (!data) throw new Error(JSON.stringify(error));
    return data;
  },
};

interface GivenWalk {
  km?: number;
  startMs?: number;
  points?: TrackPoint[];
  petId?: string;
  visibility?: 'public' | 'followers' | 'private';
}
