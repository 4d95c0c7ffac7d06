import fc from 'fast-check';
import { randomToken, sameSecret, seal, unseal } from './secrets.js';

const KEY = 'an-encryption-key-for-the-spec-of-secrets';

it('opens what it sealed, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), (plain, key) => {
      expect(unseal(seal(plain, key), key)).toBe(plain);
    }),
  );
});

it('never gives the same bytes twice', () => {
  expect(Buffer.compare(seal('보리', KEY), seal('보리', KEY))).not.toBe(0);
});

it('opens with no other key', () => {
  expect(() => unseal(seal('보리', KEY), `${KEY} `)).toThrow();
});

it('notices a change of any byte, a cut and an addition', () => {
  const sealed = seal('a refresh token', KEY);
  for (let at = 0; at < sealed.length; at++) {
    const bent = Uint8Array.from(sealed);
    bent[at]! ^= 1;
    expect(() => unseal(bent, KEY)).toThrow();
  }
  for (let length = 0; length < sealed.length; length++)
    expect(() => unseal(sealed.subarray(0, length), KEY)).toThrow();
  expect(() => unseal(Uint8Array.from([...sealed, 0]), KEY)).toThrow();
});

it('compares secrets of any length', () => {
  expect(sameSecret('보리', '보리')).toBe(true);
  expect(sameSecret('보리', '보리!')).toBe(false);
  expect(sameSecret('', 'a')).toBe(false);
});

it('makes tokens of 256 bits', () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/);
  expect(randomToken()).not.toBe(randomToken());
});
