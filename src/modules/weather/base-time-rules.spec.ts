import fc from 'fast-check';
import {
  hourOf,
  isDue,
  newestSlot,
  type Part,
  PARTS,
  PUBLICATIONS,
  slotsToAsk,
  wireSlot,
} from './base-time-rules.js';

const kst = (text: string) => new Date(`${text}+09:00`);
const asked = (slot: Date) => Object.values(wireSlot(slot)).join(' ');

it.each<[Part, string, string]>([
  ['nowcast', '2026-11-20T14:09:59.999', '20261120 1300'],
  ['nowcast', '2026-11-20T14:10:00', '20261120 1400'],
  ['nowcast', '2026-11-20T00:09:59', '20261119 2300'],
  ['nowcast', '2026-11-20T00:10:00', '20261120 0000'],
  ['nowcast', '2027-01-01T00:00:00', '20261231 2300'],
  ['soon', '2026-11-20T14:44:59.999', '20261120 1330'],
  ['soon', '2026-11-20T14:45:00', '20261120 1430'],
  ['soon', '2026-11-19T23:44:59', '20261119 2230'],
  ['soon', '2026-11-20T00:00:00', '20261119 2330'],
  ['soon', '2026-11-20T00:44:59', '20261119 2330'],
  ['soon', '2026-11-20T00:45:00', '20261120 0030'],
  ['days', '2026-11-20T00:00:00', '20261119 2300'],
  ['days', '2026-11-20T02:09:59.999', '20261119 2300'],
  ['days', '2026-11-20T02:10:00', '20261120 0200'],
  ['days', '2026-11-20T05:09:59', '20261120 0200'],
  ['days', '2026-11-20T23:09:59', '20261120 2000'],
  ['days', '2026-11-20T23:10:00', '20261120 2300'],
  ['days', '2028-03-01T01:00:00', '20280229 2300'],
])('W01 %s at %s KST asks for %s', (part, now, slot) => {
  expect(asked(newestSlot(part, kst(now)))).toBe(slot);
});

it('W01 falls back by two slots at most, also over midnight', () => {
  expect(slotsToAsk('nowcast', kst('2026-11-20T00:20:00')).map(asked)).toEqual([
    '20261120 0000',
    '20261119 2300',
    '20261119 2200',
  ]);
  expect(slotsToAsk('days', kst('2026-11-20T03:00:00')).map(asked)).toEqual([
    '20261120 0200',
    '20261119 2300',
    '20261119 2000',
  ]);
});

it('names the hour in which a walk started', () => {
  expect(hourOf(kst('2026-11-20T07:59:59.999'))).toEqual(kst('2026-11-20T07:00:00'));
  expect(hourOf(kst('2026-11-20T08:00:00'))).toEqual(kst('2026-11-20T08:00:00'));
});

it('W01 never asks for what is not there yet, and never for an older one than it must', () => {
  const at = fc.date({
    min: kst('2026-01-01T00:00:00'),
    max: kst('2030-01-01T00:00:00'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(fc.constantFrom(...PARTS), at, (part, now) => {
      const age = now.getTime() - newestSlot(part, now).getTime();
      const { delayMs, hours } = PUBLICATIONS[part];
      expect(age).toBeGreaterThanOrEqual(delayMs);
      expect(age).toBeLessThan(delayMs + (24 / hours.length) * 3_600_000);
      const slots = slotsToAsk(part, now).map((slot) => slot.getTime());
      expect([...slots].sort((a, b) => b - a)).toEqual(slots);
      expect(new Set(slots).size).toBe(3);
    }),
  );
});

it.each([
  ['never fetched', null, null, true],
  ['of the newest slot', '14:00', '14:10', false],
  ['of an older slot', '13:00', '13:10', true],
  ['of an older slot, looked for 5 min ago', '13:00', '14:25', true],
  ['of an older slot, looked for just now', '13:00', '14:25:01', false],
])('what is %s is due: %4$p', (_what, base, fetched, due) => {
  const at = (time: string | null) => time && kst(`2026-11-20T${time.padEnd(8, ':00')}`);
  expect(isDue('nowcast', at(base) || null, at(fetched) || null, kst('2026-11-20T14:30:00'))).toBe(due);
});
