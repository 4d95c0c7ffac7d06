import type { Figure } from './card-text-rules.js';
import { FONT_FAMILY } from './fonts.js';
import type { Box } from './route-rules.js';
import type { Theme } from './themes.js';

export const CARD_WIDTH_PX = 1080;
export const CARD_HEIGHT_PX = 1350;

const MARGIN = 84;
const INNER = CARD_WIDTH_PX - 2 * MARGIN;
export const PANEL: Box = { x: 60, y: 1088, width: 960, height: 196 };
/** Where the dog's head is: the route keeps clear of it. */
export const DOG = { x: 862, y: PANEL.y };

/** What satori makes of an element, without React. */
export interface Node {
  type: string;
  key: null;
  props: { style: Style; children?: Child };
}
type Style = Record<string, string | number>;
type Child = string | Node | Node[];

const box = (style: Style, children?: Child): Node => ({
  type: 'div',
  key: null,
  props: { style: { display: 'flex', ...style }, children },
});

interface Headline {
  fontSize: number;
  lines: 1 | 2;
}

/** Widths by em of NanumGothic ExtraBold, a little generous. */
const widthEm = (text: string): number =>
  [...text].reduce((sum, c) => sum + (c === ' ' ? 0.33 : /[\u0020-\u00ff·]/u.test(c) ? 0.66 : 0.97), 0);

/** As big as one line takes, else two lines. */
function headlineOf(names: string): Headline {
  const fontSize = [112, 96, 82, 70].find((size) => widthEm(names) * size <= INNER);
  return fontSize ? { fontSize, lines: 1 } : { fontSize: 68, lines: 2 };
}

const HEADLINE_Y = 158;
const LINE_HEIGHT = 1.22;
const BADGES_HEIGHT = 62;

export interface Texts {
  names: string;
  date: string;
  figures: Figure[];
  badges: string[];
}

const headlineBottom = (names: string): number => {
  const { fontSize, lines } = headlineOf(names);
  return HEADLINE_Y + fontSize * lines * LINE_HEIGHT;
};

/** What is left for the route, under the texts and above the dog. */
export function routeBox({ names, badges }: Pick<Texts, 'names' | 'badges'>): Box {
  const top = headlineBottom(names) + (badges.length > 0 ? BADGES_HEIGHT + 20 : 0) + 62;
  return { x: 130, y: top, width: CARD_WIDTH_PX - 260, height: 926 - top };
}

export function layoutOf({ names, date, figures, badges }: Texts, theme: Theme): Node {
  const { fontSize, lines } = headlineOf(names);
  return box(
    {
      position: 'relative',
      width: CARD_WIDTH_PX,
      height: CARD_HEIGHT_PX,
      fontFamily: FONT_FAMILY,
      color: theme.ink,
    },
    [
      box(
        { position: 'absolute', left: MARGIN, top: 82, fontSize: 32, fontWeight: 700, color: theme.muted },
        date,
      ),
      box(
        { position: 'absolute', right: MARGIN, top: 78, fontSize: 38, fontWeight: 800, color: theme.ink },
        '멍이랑',
      ),
      box(
        {
          display: 'block',
          position: 'absolute',
          left: MARGIN - 4,
          top: HEADLINE_Y,
          width: INNER + 24,
          fontSize,
          fontWeight: 800,
          lineHeight: LINE_HEIGHT,
          letterSpacing: -fontSize * 0.02,
          wordBreak: 'break-word',
          lineClamp: lines,
        },
        names,
      ),
      box(
        { position: 'absolute', left: MARGIN, top: headlineBottom(names) + 20, gap: 14, width: INNER },
        badges.map((badge) => badgePill(badge, theme)),
      ),
      box(
        {
          position: 'absolute',
          left: PANEL.x,
          top: PANEL.y,
          width: PANEL.width,
          height: PANEL.height,
          padding: '20px 24px 0',
          alignItems: 'center',
        },
        figures.flatMap((figure, i) =>
          i === 0 ? [figureOf(figure, theme)] : [rule(theme), figureOf(figure, theme)],
        ),
      ),
    ],
  );
}

const badgePill = (text: string, { accent, onAccent }: Theme): Node =>
  box(
    {
      height: BADGES_HEIGHT - 8,
      padding: '0 24px',
      alignItems: 'center',
      borderRadius: 27,
      backgroundColor: accent,
      color: onAccent,
      fontSize: 26,
      fontWeight: 700,
      whiteSpace: 'nowrap',
    },
    text,
  );

const rule = ({ muted }: Theme): Node => box({ width: 2, height: 84, backgroundColor: muted, opacity: 0.22 });

const figureOf = ({ label, parts }: Figure, { ink, muted }: Theme): Node =>
  box({ flexDirection: 'column', flexGrow: 1, flexBasis: 0, alignItems: 'center' }, [
    box({ fontSize: 28, fontWeight: 700, color: muted, marginBottom: 10 }, label),
    box(
      { alignItems: 'baseline', color: ink },
      parts
        .filter((part) => part !== '')
        .map((part, i) =>
          i % 2 === 0
            ? box(
                {
                  fontSize: 62,
                  fontWeight: 800,
                  lineHeight: 1.1,
                  letterSpacing: -1,
                  marginLeft: i > 0 ? 10 : 0,
                },
                part,
              )
            : box({ fontSize: 32, fontWeight: 700, marginLeft: 4 }, part),
        ),
    ),
  ]);
