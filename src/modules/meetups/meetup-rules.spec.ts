import { changesBetween, isLimited, misfitsOf, startFaults, STARTS_WITHIN_MS } from './meetup-rules.js';

const NOW = new Date('2026-11-20T03:00:00Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);

it.each([
  [-1, 'in-past'],
  [0, 'in-past'],
  [1, undefined],
  [STARTS_WITHIN_MS, undefined],
  [STARTS_WITHIN_MS + 1, 'too-late'],
])('judges a start %i ms from now', (ms, code) => {
  expect(startFaults(after(ms), NOW)[0]?.code).toBe(code);
});

describe('limits on dogs', () => {
  const dog = { weightKg: 8, temperament: ['gentle', 'calm'] };

  it('let any dog in when there are none', () => {
    const none = { maxWeightKg: null, temperaments: [] };
    expect(isLimited(none)).toBe(false);
    expect(misfitsOf({ weightKg: null, temperament: [] }, none)).toEqual([]);
  });

  it.each([
    [{ maxWeightKg: 8, temperaments: [] }, dog, []],
    [{ maxWeightKg: 7.99, temperaments: [] }, dog, ['weight']],
    [{ maxWeightKg: 8, temperaments: [] }, { ...dog, weightKg: null }, ['weight']],
    [{ maxWeightKg: null, temperaments: ['calm', 'gentle', 'shy'] }, dog, []],
    [{ maxWeightKg: null, temperaments: ['calm'] }, dog, ['temperament']],
    [{ maxWeightKg: null, temperaments: ['calm'] }, { ...dog, temperament: [] }, ['temperament']],
    [{ maxWeightKg: 1, temperaments: ['shy'] }, dog, ['weight', 'temperament']],
  ])('%j for %j: misfits %j', (limits, of, misfits) => {
    expect(isLimited(limits)).toBe(true);
    expect(misfitsOf(of, limits)).toEqual(misfits);
  });
});

it('names what changed, whatever the order of temperaments', () => {
  const meetup = {
    ...{ title: '아침 산책', placeName: '서울숲', lat: 37.5443, lng: 127.0374, startsAt: NOW },
    ...{ maxWeightKg: null, temperaments: ['calm', 'gentle'] },
  };
  expect(changesBetween(meetup, { ...meetup, temperaments: ['gentle', 'calm'] })).toEqual([]);
  expect(changesBetween(meetup, { ...meetup, title: '저녁 산책', startsAt: after(1) })).toEqual([
    'title',
    'time',
  ]);
  expect(changesBetween(meetup, { ...meetup, lng: 127 })).toEqual(['place']);
  expect(changesBetween(meetup, { ...meetup, placeName: '한강' })).toEqual(['place']);
  expect(changesBetween(meetup, { ...meetup, maxWeightKg: 10 })).toEqual(['limits']);
});
