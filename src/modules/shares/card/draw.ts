import { renderAsync } from '@resvg/resvg-js';
import satori from 'satori';
import sharp from 'sharp';
import { dogPaws, PAW, pawTrail, peekingDog } from './figures-of-dogs.js';
import { type Fonts, fonts } from './fonts.js';
import { CARD_HEIGHT_PX, CARD_WIDTH_PX, DOG, layoutOf, PANEL, type Texts } from './layout.js';
import type { Box } from './route-rules.js';
import { sceneryOf } from './scenery.js';
import { type Theme, type ThemeName, THEMES } from './themes.js';

/** A long walk through many streets is drawn with a finer line. */
const FINE_FROM_CHARACTERS = 3_500;

/** All that a card shows, ready to be drawn: nothing else is known of the walk here. */
export interface CardContent extends Texts {
  theme: ThemeName;
  /** SVG paths; empty where nothing of the route may be shown. */
  route: string[];
  box: Box;
}

/** The picture as SVG; texts are outlines in it. */
export async function cardSvg(content: CardContent, { files }: Fonts): Promise<string> {
  const theme = THEMES[content.theme];
  const texts = await satori(layoutOf(content, theme) as never, {
    width: CARD_WIDTH_PX,
    height: CARD_HEIGHT_PX,
    fonts: files,
    // The texts hold only what the font covers.
    loadAdditionalAsset: (_language, segment) =>
      Promise.reject(new Error(`No glyph for ${segment.length} characters`)),
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD_WIDTH_PX}" height="${CARD_HEIGHT_PX}" viewBox="0 0 ${CARD_WIDTH_PX} ${CARD_HEIGHT_PX}">${sceneryOf(theme)}${mark(theme)}${panel(theme)}${
    content.route.length > 0 ? routeLines(content, theme) : pawTrail(content.box, theme.accent)
  }${texts}</svg>`;
}

const mark = ({ accent }: Theme): string =>
  `<g transform="translate(858 101) scale(.42)" fill="${accent}">${PAW}</g>`;

const panel = (theme: Theme): string =>
  `<g transform="translate(${DOG.x} ${DOG.y})">${peekingDog(theme)}</g><rect x="${PANEL.x}" y="${PANEL.y}" width="${PANEL.width}" height="${PANEL.height}" rx="48" fill="${theme.panel}" opacity=".96"/><g transform="translate(${DOG.x} ${DOG.y})">${dogPaws(theme)}</g>`;

function routeLines({ route, box }: CardContent, { route: [from, to], casing }: Theme): string {
  const d = route.join('');
  const widthPx = d.length > FINE_FROM_CHARACTERS ? 8 : 12;
  const line = 'fill="none" stroke-linecap="round" stroke-linejoin="round"';
  return `<defs><linearGradient id="way" gradientUnits="userSpaceOnUse" x1="${box.x}" y1="${box.y + box.height}" x2="${box.x + box.width}" y2="${box.y}"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>
<path d="${d}" ${line} stroke="${casing}" stroke-width="${widthPx * 2}" opacity=".75"/><path d="${d}" ${line} stroke="url(#way)" stroke-width="${widthPx}"/>`;
}

export async function cardPng(content: CardContent): Promise<Buffer> {
  const svg = await cardSvg(content, await fonts());
  const { pixels, width, height } = await renderAsync(svg, { font: { loadSystemFonts: false } });
  // resvg would encode it on the main thread.
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .png()
    .toBuffer();
}
