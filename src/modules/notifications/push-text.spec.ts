import { pushText } from './push-text.js';

const notes = (...titles: string[]) => titles.map((title) => ({ title, body: `${title} 내용` }));
const day = { overnight: false, locale: 'ko' } as const;
const night = { overnight: true, locale: 'ko' } as const;

it('leaves one as it is', () => {
  expect(pushText(notes('첫 뱃지'), day)).toEqual({ title: '첫 뱃지', body: '첫 뱃지 내용' });
});

it('tells a group by its newest', () => {
  expect(pushText(notes('초코', '두부', '콩이'), day)).toEqual({ title: '콩이 외 2건', body: '콩이 내용' });
  expect(pushText(notes('Choco', 'Tofu'), { ...day, locale: 'en' }).title).toBe('Tofu and 1 more');
});

it('lists a night by its titles, each once', () => {
  expect(pushText(notes('좋아요', '새 뱃지', '좋아요'), night)).toEqual({
    title: '밤사이 알림 3개',
    body: '좋아요 · 새 뱃지',
  });
  expect(pushText(notes('a', 'b'), { ...night, locale: 'en' }).title).toBe('2 notifications overnight');
});

it.each([day, night])('stays short, and cuts no emoji in two: %j', (how) => {
  const long = notes(...Array.from({ length: 50 }, (_, i) => `${i}${'🐶'.repeat(300)}`));
  const { title, body } = pushText(long, how);
  expect([...title].length).toBeLessThanOrEqual(80);
  expect([...body].length).toBeLessThanOrEqual(240);
  expect((title + body).isWellFormed()).toBe(true);
  // FCM's 4 kB are for everything, and a Korean letter is 3 bytes.
  expect(Buffer.byteLength(title + body)).toBeLessThan(2_000);
});
