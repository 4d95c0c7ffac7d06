import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { coverageOf } from './font-coverage-rules.js';

export const FONT_FAMILY = 'NanumGothic';

const FILES = [
  { weight: 400, file: '400Regular/NanumGothic_400Regular.ttf' },
  { weight: 700, file: '700Bold/NanumGothic_700Bold.ttf' },
  { weight: 800, file: '800ExtraBold/NanumGothic_800ExtraBold.ttf' },
] as const;

export interface Fonts {
  /** As satori takes them; always the same array, by which it knows that they are parsed already. */
  files: { name: string; data: Buffer; weight: (typeof FILES)[number]['weight']; style: 'normal' }[];
  /** Whether every weight can draw the character. */
  covers: (codePoint: number) => boolean;
}

let loaded: Promise<Fonts> | undefined;

/** Read from disk once, when the first card is drawn. */
export const fonts = (): Promise<Fonts> => (loaded ??= load());

async function load(): Promise<Fonts> {
  const { resolve } = createRequire(import.meta.url);
  const files = await Promise.all(
    FILES.map(async ({ weight, file }) => ({
      name: FONT_FAMILY,
      data: await readFile(resolve(`@expo-google-fonts/nanum-gothic/${file}`)),
      weight,
      style: 'normal' as const,
    })),
  );
  const coverages = files.map(({ data }) => coverageOf(data));
  return { files, covers: (codePoint) => coverages.every((covers) => covers(codePoint)) };
}
