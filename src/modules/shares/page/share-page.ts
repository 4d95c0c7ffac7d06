import { createHash } from 'node:crypto';
import { textOf } from '../card/card-text-rules.js';
import type { CardContent } from '../card/draw.js';
import { CARD_HEIGHT_PX, CARD_WIDTH_PX } from '../card/layout.js';
import { type Theme, type ThemeName, THEMES } from '../card/themes.js';
import { PAW } from '../card/figures-of-dogs.js';
import { Html, markup } from './markup.js';

const STYLE = `
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%}
body{min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;padding:20px 18px 28px;background:var(--sky) fixed;color:var(--ink);font-family:'Apple SD Gothic Neo','Pretendard','Noto Sans KR','NanumGothic','Malgun Gothic',system-ui,sans-serif;line-height:1.5;word-break:keep-all;overflow-wrap:anywhere}
main{width:100%;max-width:430px;display:flex;flex-direction:column;flex:1}
.brand{display:flex;align-items:center;gap:7px;font-weight:800;font-size:17px;letter-spacing:-.02em;padding:2px 4px 16px}
.brand svg{width:22px;height:22px;fill:var(--accent)}
.card{display:block;width:100%;height:auto;aspect-ratio:4/5;border-radius:24px;box-shadow:0 18px 44px -12px rgba(20,12,30,.34),0 2px 6px rgba(20,12,30,.08)}
h1{font-size:23px;line-height:1.35;font-weight:800;letter-spacing:-.02em;padding:26px 4px 0}
.date{color:var(--muted);font-size:15px;padding:3px 4px 0}
dl{display:flex;gap:10px;padding:18px 0 22px}
dl div{flex:1;min-width:0;padding:13px 10px 12px;border-radius:18px;background:var(--panel);text-align:center}
dt{font-size:12.5px;color:var(--muted)}
dd{font-size:18px;font-weight:800;letter-spacing:-.02em;white-space:nowrap}
.open{display:block;padding:16px 20px;border-radius:18px;background:var(--accent);color:var(--on-accent);font-size:17px;font-weight:800;text-align:center;text-decoration:none}
.open:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.note{padding:14px 4px 0;color:var(--muted);font-size:13px;text-align:center}
.gone{flex:1;display:flex;flex-direction:column;justify-content:center;align-items:center;text-align:center;padding-bottom:12vh}
.gone .trail{width:132px;height:132px;margin-bottom:22px;border-radius:50%;padding:30px;background:var(--panel);fill:var(--accent)}
.gone h1{padding-top:0}
.gone p{padding-top:10px;color:var(--muted);font-size:15.5px}
${Object.entries(THEMES)
  .map(([name, theme]: [string, Theme]) => `.${name}{${variablesOf(theme)}}`)
  .join('\n')}
`;

/** Only the upper part of the sky: texts go down to its end. */
function variablesOf({ background, ink, muted, panel, accent, onAccent }: Theme): string {
  return `--sky:linear-gradient(${background.slice(0, 2).join(',')});--ink:${ink};--muted:${muted};--panel:${panel};--accent:${accent};--on-accent:${onAccent}`;
}

const BRAND = markup`<p class="brand">
  <svg viewBox="-52 -52 104 104" aria-hidden="true">${new Html(PAW)}</svg>멍이랑
</p>`;

/** Exactly what the hash is of. */
const STYLE_TAG = new Html(`<style>${STYLE}</style>`);
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Of its own, stricter than the API's: one style, pictures from here, nothing else. */
const PAGE_HEADERS = {
  'content-security-policy': `default-src 'none'; img-src 'self'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'private, no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
};

export interface Page {
  status: number;
  headers: Record<string, string>;
  html: string;
}

interface Link {
  /** Absolute: whoever makes a preview of the link has nothing to resolve it by. */
  url: string;
  token: string;
}

export function sharePage({ names, date, figures, theme }: CardContent, { url, token }: Link): Page {
  const title = `${names}의 산책`;
  const told = figures.map(textOf);
  const description = [date, ...told.slice(0, 2)].join(' · ');
  const head = markup`<title>${title} · 멍이랑</title>
    <meta name="description" content="${description}" />
    <meta property="og:type" content="website" />
    <meta property="og:site_name" content="멍이랑" />
    <meta property="og:locale" content="ko_KR" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${description}" />
    <meta property="og:url" content="${url}" />
    <meta property="og:image" content="${url}/card.png" />
    <meta property="og:image:type" content="image/png" />
    <meta property="og:image:width" content="${CARD_WIDTH_PX}" />
    <meta property="og:image:height" content="${CARD_HEIGHT_PX}" />
    <meta property="og:image:alt" content="${title} 카드" />
    <meta name="twitter:card" content="summary_large_image" />
    <meta name="twitter:title" content="${title}" />
    <meta name="twitter:description" content="${description}" />
    <meta name="twitter:image" content="${url}/card.png" />`;
  const body = markup`<main>
    ${BRAND}
    <img
      class="card"
      src="${token}/card.png"
      width="${CARD_WIDTH_PX}"
      height="${CARD_HEIGHT_PX}"
      alt="${title} 카드: ${description}"
    />
    <h1>${title}</h1>
    <p class="date">${date}</p>
    <dl>
      ${figures.map(
        (figure, i) =>
          markup`<div>
            <dt>${figure.label}</dt>
            <dd>${told[i]!}</dd>
          </div>`,
      )}
    </dl>
    <a class="open" href="withbowwow://s/${token}">앱에서 열기</a>
    <p class="note">출발과 도착 둘레의 길은 안전을 위해 가렸어요.</p>
  </main>`;
  return { status: 200, headers: PAGE_HEADERS, html: documentOf(theme, head, body) };
}

/** For every link that opens nothing; it does not say why. */
export const goneSharePage: Page = {
  status: 404,
  headers: PAGE_HEADERS,
  html: documentOf(
    'milk',
    markup`<title>볼 수 없는 산책이에요 · 멍이랑</title>`,
    markup`<main>
      ${BRAND}
      <div class="gone">
        <svg class="trail" viewBox="-52 -52 104 104" aria-hidden="true">${new Html(PAW)}</svg>
        <h1>볼 수 없는 산책이에요</h1>
        <p>링크가 만료되었거나 공유가 끝났어요.<br />보내 준 친구에게 새 링크를 부탁해 보세요.</p>
      </div>
    </main>`,
  ),
};

function documentOf(theme: ThemeName, head: Html, body: Html): string {
  return markup`<!doctype html>
    <html lang="ko">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <meta name="theme-color" content="${THEMES[theme].background[0]}" />
        ${head}
        ${STYLE_TAG}
      </head>
      <body class="${theme}">
        ${body}
      </body>
    </html> `.text;
}
