import { type Answer, expectFieldFault, type Person } from './api.js';

/** For suites of many small routes: a body goes out as JSON; a string as it is, so that any JSON text can be sent. */
export const send = (
  method: string,
  path: string,
  as: Person,
  body?: unknown,
  headers = {},
): Promise<Answer> =>
  as.send(method, path, body, {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  });

export const get = (path: string, as: Person) => send('GET', path, as);
export const post = (path: string, as: Person, body: unknown, headers = {}) =>
  send('POST', path, as, body, headers);
export const patch = (path: string, as: Person, body: unknown) => send('PATCH', path, as, body);
export const remove = (path: string, as: Person) => send('DELETE', path, as);

export const expectFault = expectFieldFault;

/** Reads a list by tens: nothing twice, nothing missing, in order of (instant or date, id) falling. */
export async function expectPages(
  path: string,
  as: Person,
  count: number,
  instantOf: (item: never) => string,
): Promise<void> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { status, body }: Answer = await get(`${path}?limit=10${cursor ? `&cursor=${cursor}` : ''}`, as);
    expect(status).toBe(200);
    seen.push(...body.items.map((item: never) => `${instantOf(item)} ${(item as { id: string }).id}`));
    cursor = body.nextCursor;
  } while (cursor);
  expect(seen).toHaveLength(count);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
}
