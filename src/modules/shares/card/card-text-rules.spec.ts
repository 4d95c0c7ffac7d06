import {
  dateText,
  distanceFigure,
  namesText,
  NOBODY,
  paceFigure,
  printable,
  textOf,
  timeFigure,
} from './card-text-rules.js';
import { type Fonts, fonts } from './fonts.js';

let covers: Fonts['covers'];
beforeAll(async () => {
  ({ covers } = await fonts());
});

it('the font covers every Hangul syllable, and no emoji', () => {
  for (let c = 0xac00; c <= 0xd7a3; c++) expect(covers(c)).toBe(true);
  for (const c of ['🐶', '\u200d', '\ufffe', '𝄞']) expect(covers(c.codePointAt(0)!)).toBe(false);
});

describe('printable', () => {
  it.each([
    ['보리🐶', '보리'],
    ['👨‍👩‍👧‍👦 콩이 ❤️', '콩이'],
    ['🇰🇷진돌', '진돌'],
    ['1️⃣호', '1호'],
    ['🏴\u{e0067}\u{e0062}\u{e007f}', ''],
    ['보\u{1f3ff}리', '보리'],
    ['สวัสดี', ''],
    ['\u1107\u1169\u1105\u1175', '보리'],
    ['a\u0000b\u202ec', 'abc'],
    ['<script>', '<script>'],
  ])('%j is drawn as %j', (text, drawn) => expect(printable(text, covers)).toBe(drawn));
});

describe('names', () => {
  it.each<[string[], string]>([
    [['보리'], '보리'],
    [['보리', '콩이'], '보리 · 콩이'],
    [['🐶'], NOBODY],
    [['🐶', '콩이'], '콩이'],
    [[], NOBODY],
    [['하늘에서내려온솜사탕왕자보리보리보리'], '하늘에서내려온솜사탕왕자보리보리보리'],
    [['하늘에서내려온솜사탕왕자', '하늘에서내려온솜사탕공주님'], '하늘에서내려온솜사탕왕자 외 1마리'],
    [['보리', '콩이', '초코', '하늘에서내려온솜사탕', '밀크'], '보리 · 콩이 · 초코 외 2마리'],
    [['가', '나', '다', '라', '마'], '가 · 나 · 다 · 라 · 마'],
  ])('%j → %s', (names, text) => expect(namesText(names, covers)).toBe(text));
});

it('figures are told in words of the street', () => {
  expect([0, 400, 950, 1_000, 3_400, 20_300].map((m) => textOf(distanceFigure(m)))).toEqual([
    '0m',
    '400m',
    '950m',
    '1.0km',
    '3.4km',
    '20.3km',
  ]);
  expect([0, 60, 3_540, 3_600, 3_900, 36_000].map((s) => textOf(timeFigure(s)))).toEqual([
    '0분',
    '1분',
    '59분',
    '1시간',
    '1시간 5분',
    '10시간',
  ]);
  expect(textOf(paceFigure(3_400, 2_820)!)).toBe('13′49″');
  expect([paceFigure(0, 60), paceFigure(500, 0), paceFigure(100, 3_600)]).toEqual([null, null, null]);
  expect(['2026-11-20', '2028-02-29', '2026-01-01'].map(dateText)).toEqual([
    '2026년 11월 20일 금요일',
    '2028년 2월 29일 화요일',
    '2026년 1월 1일 목요일',
  ]);
});
