import fc from 'fast-check';
import { safeText } from '../../platform/http/schemas.js';
import { cleanNickname, friendlyNickname, MAX_NICKNAME_LENGTH } from './nickname.js';

describe('cleanNickname', () => {
  it.each([
    ['보리누나', '보리누나'],
    ['  보리 \n\t 누나 ', '보리 누나'],
    ['보리', '보리'],
    ['보\u0000리\u202e누나', '보리누나'],
    ['\u3164\u200b', null],
    ['\u200d', null],
    ['', null],
    [null, null],
    ['\ud800', null],
    ['가'.repeat(30), '가'.repeat(20)],
    ['가'.repeat(19) + '🐶', '가'.repeat(19)],
    ['가'.repeat(12) + '👨‍👩‍👧‍👦', '가'.repeat(12)],
  ])('%j → %j', (given, expected) => expect(cleanNickname(given)).toBe(expected));

  it('gives only what the nickname field of the API takes', () => {
    const field = safeText(1, MAX_NICKNAME_LENGTH);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (given) => {
        const nickname = cleanNickname(given);
        return nickname === null || field.safeParse(nickname).data === nickname;
      }),
    );
  });
});

it('names a nameless user in a friendly way', () => expect(friendlyNickname()).toMatch(/^산책친구\d{4}$/));
