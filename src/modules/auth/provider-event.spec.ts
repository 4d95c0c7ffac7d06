import {
  appleNotice,
  endsLinksMadeBefore,
  endsTheLink,
  happenedAt,
  kakaoSecurityNotice,
  kakaoUnlinkNotice,
} from './provider-event.js';

const OAUTH = 'https://schemas.openid.net/secevent/oauth/event-type/';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';

describe("Kakao's security event", () => {
  it('is about the subject, and named by the end of its address', () => {
    const notice = kakaoSecurityNotice(
      { jti: 'j', sub: '41', events: { [`${OAUTH}user-unlinked`]: {} } },
      'jwt',
    );
    expect(notice).toEqual({
      provider: 'kakao',
      eventKey: 'jti:j',
      kind: 'user-unlinked',
      subject: '41',
      body: 'jwt',
    });
  });

  it('that ends the link counts among several', () => {
    const events = { [`${OAUTH}user-scope-consent`]: {}, [`${RISC}account-purged`]: {} };
    expect(kakaoSecurityNotice({ jti: 'j', sub: '41', events }, '').kind).toBe('account-purged');
  });

  it('may name the subject only inside', () => {
    const events = { [`${OAUTH}user-unlinked`]: { subject: { sub: '41' } } };
    expect(kakaoSecurityNotice({ jti: 'j', events }, '').subject).toBe('41');
  });

  it.each([undefined, null, 'text', [], {}])('with events %j is kept as unknown', (events) => {
    expect(kakaoSecurityNotice({ jti: 'j', events }, '')).toMatchObject({ kind: 'unknown', subject: '' });
  });
});

it('tells repeats of the unlink form by user and Korean day', () => {
  const form = { app_id: '7', user_id: '41' };
  expect(kakaoUnlinkNotice(form, new Date('2026-11-20T15:00:00Z')).eventKey).toBe('unlink:7:41:2026-11-21');
});

it.each(['{"type":', '7', 'null', '[]'])("keeps Apple's events %j as unknown", (events) => {
  expect(appleNotice({ jti: 'j', events }, '')).toMatchObject({ kind: 'unknown', subject: '' });
});

it.each<[Record<string, unknown>, string | null]>([
  [{ toe: 1_793_500_000, iat: 1 }, '2026-11-01T02:26:40.000Z'],
  [{ events: '{"event_time":1793500000123}', iat: 1 }, '2026-11-01T02:26:40.123Z'],
  [{ events: '{"event_time":1793500000}' }, '2026-11-01T02:26:40.000Z'],
  [{ iat: 1_793_500_000 }, '2026-11-01T02:26:40.000Z'],
  [{ timestamp: '1793500000' }, '2026-11-01T02:26:40.000Z'],
  [{ toe: 1e300 }, null],
  [{ toe: '1793500000' }, null],
  [{}, null],
])('%j happened at %s', (claims, expected) =>
  expect(happenedAt(claims)?.toISOString() ?? null).toBe(expected),
);

it('judges age in whole seconds', () => {
  const end = new Date('2026-11-01T00:00:11.000Z');
  expect(endsLinksMadeBefore(new Date('2026-11-01T00:00:10.000Z'))).toEqual(end);
  expect(endsLinksMadeBefore(new Date('2026-11-01T00:00:10.999Z'))).toEqual(end);
});

it('knows what ends a link', () => {
  expect(endsTheLink('apple', 'email-disabled')).toBe(false);
  expect(endsTheLink('kakao', 'tokens-revoked')).toBe(false);
  expect(endsTheLink('apple', 'consent-revoked')).toBe(true);
});
