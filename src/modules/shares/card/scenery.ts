import type { Theme } from './themes.js';

/** The quiet picture behind everything: SVG fragments for a canvas of 1080×1350. The same each time. */
export function sceneryOf(theme: Theme): string {
  const { background, scenery } = theme;
  const stops = background
    .map((color, i) => `<stop offset="${i / (background.length - 1)}" stop-color="${color}"/>`)
    .join('');
  return `<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">${stops}</linearGradient></defs>
<rect width="1080" height="1350" fill="url(#sky)"/>${PAINTERS[scenery](theme)}`;
}

const PAINTERS: Record<Theme['scenery'], (theme: Theme) => string> = {
  hills: ({ shades }) =>
    sunAt(890, 250, 150, '#fff3dc') + cloud(150, 560) + cloud(800, 700, 0.8) + hills(shades),
  stars: ({ shades, accent }) =>
    stars() +
    // A crescent: a disc that another one covers.
    `<mask id="moon"><rect width="1080" height="1350" fill="#fff"/><circle cx="945" cy="325" r="62" fill="#000"/></mask>
<circle cx="910" cy="348" r="66" fill="${accent}" opacity=".92" mask="url(#moon)"/>` +
    hills(shades),
  forest: ({ shades }) => sunAt(872, 345, 130, '#a9cfa0', 0.25) + hills(shades) + trees(shades),
  sun: ({ shades }) =>
    sunAt(540, 900, 330, '#ffe3ae', 0.35) + sunAt(540, 900, 230, '#fff0c9', 0.5) + hills(shades),
  petals: ({ shades }) => branch(shades) + petals(shades) + hills(shades, 0.65),
  dots: ({ shades }) => dots(shades[0]),
};

const sunAt = (x: number, y: number, r: number, color: string, opacity = 0.8): string =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${color}" opacity="${opacity}"/>`;

const cloud = (x: number, y: number, size = 1): string =>
  `<g transform="translate(${x} ${y}) scale(${size})" fill="#fff" opacity=".6"><rect x="-95" y="0" width="190" height="50" rx="25"/><circle cx="-30" cy="2" r="40"/><circle cx="32" cy="8" r="32"/></g>`;

const HILLS = [
  'M0 1035C180 950 330 965 520 1020S860 1090 1080 985V1350H0Z',
  'M0 1120C220 1150 360 1050 560 1062S900 1160 1080 1090V1350H0Z',
  'M0 1200C200 1165 420 1250 640 1225S960 1180 1080 1215V1350H0Z',
];

const hills = (shades: readonly string[], opacity = 1): string =>
  HILLS.map((path, i) => `<path d="${path}" fill="${shades[i]}" opacity="${opacity}"/>`).join('');

/** Places that look like chance: the golden ratio spreads them evenly without a pattern. */
const spread = (count: number, place: (x: number, y: number, i: number) => string): string =>
  Array.from({ length: count }, (_, i) =>
    place((i * 0.618034 + 0.13) % 1, (i * 0.754878 + 0.29) % 1, i),
  ).join('');

const stars = (): string =>
  spread(70, (x, y, i) => {
    const r = [1.6, 2.2, 1.4, 3][i % 4]!;
    return `<circle cx="${(x * 1080).toFixed(0)}" cy="${(y * 980).toFixed(0)}" r="${r}" fill="#fff" opacity="${[0.5, 0.3, 0.4, 0.55][i % 4]}"/>`;
  });

const TREES: readonly [x: number, y: number, size: number, shade: number][] = [
  [70, 1050, 1, 1],
  [168, 1075, 0.72, 1],
  [985, 1048, 1.1, 1],
  [890, 1085, 0.75, 1],
  [785, 1105, 0.6, 1],
  [28, 1150, 1.15, 2],
  [1050, 1150, 1.2, 2],
];

const trees = (shades: readonly string[]): string =>
  TREES.map(
    ([x, y, size, shade]) =>
      `<path transform="translate(${x} ${y}) scale(${size})" d="M0-150 44-72H24L62-6H8V34H-8V-6H-62L-24-72H-44Z" fill="${shades[shade]}" stroke="${shades[shade]}" stroke-width="8" stroke-linejoin="round"/>`,
  ).join('');

const PETAL = 'M0-14C10-10 11 4 0 14C-11 4-10-10 0-14Z';

const petals = (shades: readonly string[]): string =>
  spread(30, (x, y, i) => {
    const [px, py, size] = [x * 1080, 330 + y * 720, 0.7 + (i % 4) * 0.2];
    return `<path transform="translate(${px.toFixed(0)} ${py.toFixed(0)}) rotate(${(i * 67) % 360}) scale(${size.toFixed(1)})" d="${PETAL}" fill="${shades[i % 2]}" opacity=".55"/>`;
  });

const BLOSSOMS: readonly [x: number, y: number, size: number][] = [
  [1010, 205, 1.5],
  [915, 262, 1.1],
  [1046, 318, 1.2],
  [965, 338, 0.75],
  [842, 226, 0.7],
];

const branch = (shades: readonly string[]): string =>
  `<path d="M1090 150C1030 215 930 250 820 232M985 228C1000 280 1030 310 1090 330" fill="none" stroke="#a0667c" stroke-width="7" stroke-linecap="round" opacity=".55"/>${BLOSSOMS.map(
    ([x, y, size]) =>
      `<g transform="translate(${x} ${y}) scale(${size})">${[0, 72, 144, 216, 288]
        .map(
          (turn) =>
            `<path transform="rotate(${turn}) translate(0 -17)" d="M0-17C15-15 15 8 0 17C-15 8-15-15 0-17Z" fill="${shades[0]}" stroke="#fff7f9" stroke-width="2.5"/>`,
        )
        .join('')}<circle r="6" fill="${shades[2]}"/></g>`,
  ).join('')}`;

const dots = (color: string): string =>
  `<defs><pattern id="dots" width="36" height="36" patternUnits="userSpaceOnUse"><circle cx="18" cy="18" r="2.4" fill="${color}"/></pattern></defs><rect width="1080" height="1350" fill="url(#dots)"/>`;
