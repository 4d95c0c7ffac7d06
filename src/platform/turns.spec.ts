import { serviceUnavailable } from './http/problem.js';
import { Turns } from './turns.js';

it('lets two go on at once, the others in their order, also after a failure', async () => {
  const turns = new Turns(2, 10);
  const begun: number[] = [];
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const runs = ends.map(({ promise }, i) =>
    turns.take(async () => {
      begun.push(i);
      await promise;
      return i;
    }),
  );
  expect(begun).toEqual([0, 1]);
  ends[1]!.reject(new Error('failed'));
  await expect(runs[1]).rejects.toThrow('failed');
  expect(begun).toEqual([0, 1, 2]);
  ends[0]!.resolve();
  await runs[0];
  expect(begun).toEqual([0, 1, 2, 3]);
  for (const { resolve } of ends) resolve();
  expect(await Promise.all([runs[2], runs[3]])).toEqual([2, 3]);
  expect(await turns.take(() => Promise.resolve('free'))).toBe('free');
});

it('sends away whoever comes when too many wait', async () => {
  const turns = new Turns(1, 1);
  const end = Promise.withResolvers<string>();
  const [going, waiting] = [turns.take(() => end.promise), turns.take(() => end.promise)];
  await expect(turns.take(() => end.promise)).rejects.toMatchObject({
    kind: serviceUnavailable.kind,
    extra: { headers: { 'retry-after': '2' } },
  });
  end.resolve('done');
  expect(await Promise.all([going, waiting])).toEqual(['done', 'done']);
  expect(await turns.take(() => Promise.resolve('free'))).toBe('free');
});
