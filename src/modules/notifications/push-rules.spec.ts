import fc from 'fast-check';
import {
  deliverBefore,
  isQuiet,
  isToBeRedone,
  type OpenDelivery,
  planPushes,
  PUSHES_PER_DAY,
  quietEndsAt,
  type WaitingNote,
} from './push-rules.js';

const at = (time: string, day = '2026-11-20') => new Date(`${day}T${time}+09:00`);
const NOON = at('12:00:00.000');
let ids = 0;
const note = (more: Partial<WaitingNote> = {}): WaitingNote => ({
  id: String(++ids),
  groupKey: null,
  urgent: false,
  createdAt: NOON,
  outdated: false,
  ...more,
});
const open = (more: Partial<OpenDelivery> = {}): OpenDelivery => ({
  id: String(++ids),
  day: '2026-11-20',
  ordinal: 1,
  createdAt: NOON,
  leasedUntil: null,
  outdated: false,
  ...more,
});
const plan = (more: Partial<Parameters<typeof planPushes<WaitingNote>>[0]>) =>
  planPushes({ now: NOON, notes: [], open: [], placesTaken: 0, reachable: true, ...more });

it.each([
  ['20:59:59.999', false],
  ['21:00:00.000', true],
  ['23:59:59.999', true],
  ['00:00:00.000', true],
  ['07:59:59.999', true],
  ['08:00:00.000', false],
])('N04 %s is quiet: %s', (time, quiet) => {
  expect(isQuiet(at(time))).toBe(quiet);
});

it('knows when the night ends, and that a push may not wait for it', () => {
  expect(quietEndsAt(at('21:00:00.000'))).toEqual(at('08:00:00.000', '2026-11-21'));
  expect(quietEndsAt(at('07:59:59.999'))).toEqual(at('08:00:00.000'));
  expect(quietEndsAt(at('08:00:00.000'))).toEqual(at('08:00:00.000', '2026-11-21'));
  expect(deliverBefore(at('20:59:00.000'), false)).toEqual(at('21:00:00.000'));
  expect(deliverBefore(at('23:00:00.000'), true)).toEqual(at('01:00:00.000', '2026-11-21'));
});

it('leaves alone what somebody is sending', () => {
  const leased = open({ leasedUntil: new Date(NOON.getTime() + 1) });
  expect(plan({ open: [leased] })).toMatchObject({ retried: [], abandoned: [] });
  const over = open({ leasedUntil: NOON });
  expect(plan({ open: [over] }).retried).toEqual([{ id: over.id, ordinal: 1 }]);
});

it('tries again what is open, until it is too old or no longer true', () => {
  const [urgent, old, untrue] = [
    open({ ordinal: null }),
    open({ createdAt: at('23:59:59.999', '2026-11-19') }),
    open({ outdated: true }),
  ];
  expect(plan({ open: [urgent, old, untrue] })).toMatchObject({
    retried: [{ id: urgent.id, ordinal: null }],
    abandoned: [old.id, untrue.id],
  });
});

it('redoes a push whose text is not right any more, once nobody is sending it and while it is news', () => {
  const redone = (more: Partial<OpenDelivery>) => isToBeRedone(open({ outdated: true, ...more }), NOON);
  expect(redone({})).toBe(true);
  expect(redone({ leasedUntil: NOON })).toBe(true);
  expect(redone({ outdated: false })).toBe(false);
  expect(redone({ leasedUntil: new Date(NOON.getTime() + 1) })).toBe(false);
  expect(redone({ createdAt: at('23:59:59.999', '2026-11-19') })).toBe(false);
});

it('gives what is open from yesterday a place of today, if there is one', () => {
  const yesterday = open({ day: '2026-11-19', ordinal: 3, createdAt: at('20:30:00.000', '2026-11-19') });
  const now = at('08:00:00.000');
  expect(plan({ now, open: [yesterday], placesTaken: 9 }).retried).toEqual([
    { id: yesterday.id, ordinal: 10 },
  ]);
  expect(plan({ now, open: [yesterday], placesTaken: 10 })).toMatchObject({
    retried: [],
    abandoned: [yesterday.id],
  });
  expect(plan({ now: at('07:00:00.000'), open: [yesterday] })).toMatchObject({ retried: [], abandoned: [] });
});

it('sends to nobody without a phone, and still holds what has to wait for the morning', () => {
  const [now, later] = [note({ urgent: true }), note()];
  expect(plan({ notes: [now], reachable: false })).toMatchObject({ pushes: [], unreachable: [now] });
  const night = at('22:00:00.000');
  expect(plan({ now: night, notes: [later], reachable: false })).toMatchObject({
    pushes: [],
    unreachable: [],
  });
});

it('keeps a group of the night together when there is nothing else', () => {
  const night = at('03:00:00.000');
  const likes = [note({ groupKey: 'g', createdAt: night }), note({ groupKey: 'g', createdAt: night })];
  expect(plan({ notes: likes }).pushes).toMatchObject([{ notes: likes, overnight: false }]);
  const more = note({ createdAt: night });
  expect(plan({ notes: [...likes, more] }).pushes).toMatchObject([
    { notes: [...likes, more], overnight: true },
  ]);
});

it('takes what came before the night and did not get out for something of the night', () => {
  const evening = [note({ createdAt: at('20:58:00.000') }), note({ createdAt: at('20:59:00.000') })];
  const morning = note({ createdAt: at('08:00:00.000', '2026-11-21') });
  const { pushes } = plan({ now: at('08:00:01.000', '2026-11-21'), notes: [...evening, morning] });
  expect(pushes).toMatchObject([
    { notes: evening, overnight: true },
    { notes: [morning], overnight: false },
  ]);
});

it('whatever waits: each note has one end, the day its limit, and the night its peace', () => {
  const moment = fc
    .integer({ min: 0, max: 48 * 60 })
    .map((minutes) => new Date(NOON.getTime() - minutes * 60_000));
  const anyNote = fc.record({
    groupKey: fc.constantFrom(null, 'a', 'b'),
    urgent: fc.boolean(),
    createdAt: moment,
    outdated: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(anyNote, { maxLength: 40 }),
      fc.integer({ min: 0, max: 24 * 60 }),
      fc.integer({ min: 0, max: 12 }),
      fc.boolean(),
      (given, minutes, placesTaken, reachable) => {
        const now = new Date(NOON.getTime() + minutes * 60_000);
        const notes = given.map(note).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
        const { pushes, dropped, capped, unreachable } = plan({ now, notes, placesTaken, reachable });
        const ends = [...pushes.flatMap((push) => push.notes), ...dropped, ...capped, ...unreachable];
        expect(new Set(ends).size).toBe(ends.length);
        const held = notes.filter((each) => !ends.includes(each));
        expect(held.every((each) => isQuiet(now) && !each.urgent && !each.outdated)).toBe(true);
        const places = pushes.flatMap(({ ordinal }) => (ordinal === null ? [] : [ordinal]));
        expect(places).toEqual(places.map((_, i) => placesTaken + i + 1));
        expect(places.every((place) => place <= PUSHES_PER_DAY)).toBe(true);
        if (isQuiet(now)) expect(places).toEqual([]);
        for (const push of pushes) {
          expect(push.notes.every(({ urgent }) => urgent === (push.ordinal === null))).toBe(true);
          expect(push.notes.some(({ outdated }) => outdated)).toBe(false);
        }
        const firsts = pushes.map((push) => push.notes[0]!.createdAt.getTime());
        expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
      },
    ),
  );
});
