import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { cardContentOf, type WalkOnCard } from '../../src/modules/shares/card/content-rules.js';
import { cardPng, cardSvg } from '../../src/modules/shares/card/draw.js';
import { type Fonts, fonts } from '../../src/modules/shares/card/fonts.js';
import { THEME_NAMES, type ThemeName } from '../../src/modules/shares/card/themes.js';
import { LONG_WAY, SEOUL_FOREST, STREETS, walkOnCard } from '../builders/cards.js';

/** A quarter of the card: small enough for the repository, big enough to see what changed. */
const WIDTH_PX = 270;
const HEIGHT_PX = 338;
/** Of 255, for what another build of the same libraries may draw otherwise: on average, and at any one place. */
const MEAN_TOLERANCE = 0.5;
const TOLERANCE = 48;

let known: Fonts;
beforeAll(async () => {
  known = await fonts();
});

const contentOf = (walk: Partial<WalkOnCard>, theme: ThemeName, badges: string[] = []) =>
  cardContentOf(walkOnCard(walk), badges, theme, known.covers);

const CASES: Record<string, () => ReturnType<typeof contentOf>> = {
  ...Object.fromEntries(
    THEME_NAMES.map((theme) => [theme, () => contentOf({}, theme, ['첫 발자국', '비 오는 날', '새벽 산책'])]),
  ),
  'long-name': () => contentOf({ petNames: ['하늘에서내려온솜사탕왕자보리보리보리'] }, 'milk', ['첫 발자국']),
  'five-dogs': () =>
    contentOf({ petNames: ['보리', '콩이', '초코', '하늘에서내려온솜사탕', '밀크'] }, 'forest'),
  '20-km': () => contentOf({ lines: LONG_WAY, distanceM: 20_300, movingS: 17_640 }, 'night'),
  '500-m': () => contentOf({ lines: [], distanceM: 500, movingS: 480 }, 'blossom'),
};

const smallPixels = (png: Buffer) =>
  sharp(png).resize(WIDTH_PX, HEIGHT_PX, { fit: 'fill' }).removeAlpha().raw().toBuffer();

function isAlike(a: Buffer, b: Buffer): boolean {
  expect(a.length).toBe(b.length);
  let [sum, most] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i]! - b[i]!);
    sum += off;
    if (off > most) most = off;
  }
  return sum / a.length < MEAN_TOLERANCE && most < TOLERANCE;
}

const goldenAt = (name: string) => `test/goldens/${name}.png`;

/** `UPDATE_GOLDENS=1` draws them anew, to be looked at before they are committed. */
if (process.env.UPDATE_GOLDENS)
  beforeAll(async () => {
    for (const [name, content] of Object.entries(CASES)) {
      const raw = { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 as const };
      const png = sharp(await smallPixels(await cardPng(content())), { raw }).png({ compressionLevel: 9 });
      await writeFile(goldenAt(name), await png.toBuffer());
    }
  });

it.each(Object.keys(CASES))('the card “%s” looks as it was approved', async (name) => {
  const png = await cardPng(CASES[name]!());
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 1080, height: 1350 });
  const golden = await smallPixels(await readFile(goldenAt(name)));
  expect(isAlike(await smallPixels(png), golden)).toBe(true);
});

it('the comparison tells every card from every other', async () => {
  const goldens = await Promise.all(
    Object.keys(CASES).map(async (name) => smallPixels(await readFile(goldenAt(name)))),
  );
  goldens.forEach((a, i) => goldens.slice(i + 1).forEach((b) => expect(isAlike(a, b)).toBe(false)));
});

it('the comparison sees another name, another figure and a route that is left out', async () => {
  const golden = await smallPixels(await readFile(goldenAt('milk')));
  const badges = ['첫 발자국', '비 오는 날', '새벽 산책'];
  for (const walk of [{ petNames: ['망고'] }, { distanceM: 8_800 }, { lines: [STREETS.slice(0, 800)] }]) {
    const pixels = await smallPixels(await cardPng(contentOf(walk, 'milk', badges)));
    expect(isAlike(pixels, golden)).toBe(false);
  }
});

it('a card of any name is drawn without asking for a glyph that the font lacks', async () => {
  const names = [
    '보리🐶',
    '뷁쉙힣',
    '漢字犬',
    'สุนัข',
    '<b>&amp;"\'',
    'Ångström',
    '\u{1f469}\u200d\u{1f9b0}',
    'ㅋㅋ',
    '①호',
  ];
  for (const name of names) {
    const svg = await cardSvg(contentOf({ petNames: [name] }, 'mono'), known);
    expect(svg).toContain('</svg>');
    expect(svg).not.toContain('<b>');
  }
});

it('different syllables are different glyphs', async () => {
  const drawn = await Promise.all(
    [...'가각힣뷁멍'].map((name) => cardSvg(contentOf({ petNames: [name] }, 'mono'), known)),
  );
  expect(new Set(drawn).size).toBe(drawn.length);
});

it('P01 the picture says nowhere where on earth it was', async () => {
  const degrees = new Set(
    [SEOUL_FOREST, ...STREETS].flatMap(({ lat, lng }) => [lat.toFixed(3), lng.toFixed(3)]),
  );
  for (const theme of THEME_NAMES) {
    const svg = await cardSvg(contentOf({}, theme), known);
    expect([...degrees].filter((text) => svg.includes(text))).toEqual([]);
    expect(svg).not.toMatch(/<text|<image|href/);
  }
});
