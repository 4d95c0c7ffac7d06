import { v7 as uuidv7 } from 'uuid';
import { type Note, Notifications } from '../../src/modules/notifications/index.js';
import { statement } from '../../src/platform/database/database.js';
import type { Person } from './api.js';
import type { TestApp } from './harness.js';

/** Tells somebody something, and lets 1 ms pass, so that the next comes after it. Only what the test is about needs a word. */
export async function tell(
  test: TestApp,
  to: Person,
  { title = '알림', ...note }: TellInput = {},
): Promise<boolean> {
  const isNew = await test.db.transaction((tx) =>
    test.app.get(Notifications).notify(tx, {
      userId: to.id,
      type: 'social',
      dedupeKey: uuidv7(),
      body: { ko: `${title} 내용`, en: `${title} body` },
      ...note,
      title: { ko: title, en: `${title} (en)` },
    }),
  );
  test.clock.advance({ ms: 1 });
  return isNew;
}

/** The same, for whoever needs the id of a notification. */
export async function told(test: TestApp, to: Person): Promise<string> {
  await tell(test, to);
  const { id } = await test.db.prisma.notification.findFirstOrThrow({ where: { userId: to.id } });
  return id;
}

type TellInput = Partial<Omit<Note, 'title'>> & { title?: string };

let devices = 0;

/** A phone of somebody's, as the app registers it. @returns its token */
export async function phoneOf(
  person: Person,
  token = `device-${++devices}:APA91b_${'x'.repeat(100)}`,
): Promise<string> {
  const { status, text } = await person.send('POST', '/push-tokens', { token, platform: 'android' });
  if (status !== 200) throw new Error(text);
  return token;
}

export const pushStatesOf = async (test: TestApp, person: Person): Promise<string[]> => {
  const notes = await test.db.prisma.notification.findMany({
    where: { userId: person.id },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { pushState: true },
  });
  return notes.map(({ pushState }) => pushState);
};

/** An instant in Korea: `kst('21:00')`, or of another day of November 2026. */
export const kst = (time: string, day = 20): string =>
  new Date(
    `2026-11-${String(day).padStart(2, '0')}T${time.length === 5 ? `${time}:00` : time}+09:00`,
  ).toISOString();

const pushJobs = statement<{ count: number }>(
  'test_push_jobs',
  `select count(*)::int as count from pgboss.job
   where name = 'notifications.push' and state < 'completed' and ($1::text is null or data->>'userId' = $1::text)`,
);

/** Push jobs that were not done yet, of one person or of everybody. */
export const pushJobsFor = async (test: TestApp, person: Person | null): Promise<number> =>
  (await test.db.rows(pushJobs, [person?.id ?? null]))[0]!.count;

const deletePushJobs = statement(
  `test_delete_push_jobs`,
  `delete from pgboss.job where name = 'notifications.push'`,
);

/** As if the queue had lost them. */
export async function losePushJobs(test: TestApp): Promise<void> {
  await test.db.rows(deletePushJobs, []);
}
