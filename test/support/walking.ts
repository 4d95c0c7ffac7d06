import type { TrackPoint } from '../../src/modules/walks/track/index.js';
import { statement } from '../../src/platform/database/database.js';
import { chunked, wirePoints } from '../builders/wire.js';
import type { Answer, Person } from './api.js';
import { given } from './given.js';
import type { TestApp } from './harness.js';

type Points = ReturnType<typeof wirePoints>;
type StartInput = {
  id?: string;
  petIds?: string[];
  startedAt?: string;
  visibility?: 'public' | 'followers' | 'private';
};

const pets = new WeakMap<Person, Promise<string>>();

/** The id of the one dog that somebody walks where a test does not care which. */
export function dogOf(person: Person): Promise<string> {
  let dog = pets.get(person);
  if (!dog) pets.set(person, (dog = given.pet(person).then(({ id }) => id)));
  return dog;
}

/** What a phone does with one walk; each answers the raw answer, whatever its status. */
export const phone = {
  start: async (person: Person, input: StartInput = {}, headers = {}): Promise<Answer> =>
    person.send('POST', '/walks', { petIds: input.petIds ?? [await dogOf(person)], ...input }, headers),
  points: (person: Person, walkId: string, points: unknown[], pauses?: unknown[]): Promise<Answer> =>
    person.send('POST', `/walks/${walkId}/points`, { points, pauses }),
  complete: (person: Person, walkId: string, pointCount?: number): Promise<Answer> =>
    person.send('POST', `/walks/${walkId}/complete`, pointCount === undefined ? undefined : { pointCount }),
  put: async (
    person: Person,
    walkId: string,
    points: unknown[],
    more: { petIds?: string[]; [field: string]: unknown } = {},
  ): Promise<Answer> =>
    person.send('PUT', `/walks/${walkId}`, { petIds: more.petIds ?? [await dogOf(person)], points, ...more }),
  get: (person: Person, walkId: string): Promise<Answer> => person.send('GET', `/walks/${walkId}`),
  route: (person: Person, walkId: string): Promise<Answer> => person.send('GET', `/walks/${walkId}/route`),
  gpx: (person: Person, walkId: string): Promise<Answer> => person.send('GET', `/walks/${walkId}/gpx`),
  edit: (person: Person, walkId: string, body: object): Promise<Answer> =>
    person.send('PATCH', `/walks/${walkId}`, body),
  delete: (person: Person, walkId: string): Promise<Answer> => person.send('DELETE', `/walks/${walkId}`),
  import: async (person: Person, gpx: string, query = '', headers = {}): Promise<Answer> =>
    person.send('POST', `/walks/import?petIds=${await dogOf(person)}${query}`, gpx, {
      'content-type': 'application/gpx+xml',
      ...headers,
    }),
};

/** Started, sent in chunks and completed; the id of the walk. */
export async function recorded(
  person: Person,
  chunks: Points[],
  { pointCount, ...input }: StartInput & { pointCount?: number } = {},
) {
  const { body } = await phone.start(person, input);
  for (const chunk of chunks) await phone.points(person, body.id, chunk);
  await phone.complete(person, body.id, pointCount);
  return body.id as string;
}

export const inChunks = (points: readonly TrackPoint[], size = 500): Points[] =>
  chunked(wirePoints(points), size);

const jobsAboutWalk = statement<{ name: string }>(
  'test_walk_jobs',
  `select name from pgboss.job where data->>'walkId' = $1::text and name like '%.overlaps' order by created_on, name`,
);

/** The facts recorded about a walk so far, in order. */
export async function factsOf(test: TestApp, walkId: string): Promise<string[]> {
  return (await test.db.rows(jobsAboutWalk, [walkId])).map(({ name }) => name.replace('.overlaps', ''));
}
