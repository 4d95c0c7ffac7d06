import type { Theme } from './themes.js';

/** A paw print of 100×100 about the origin. */
export const PAW =
  '<ellipse cx="-34" cy="-8" rx="11" ry="15" transform="rotate(-24 -34 -8)"/><ellipse cx="-13" cy="-31" rx="11.5" ry="16" transform="rotate(-8 -13 -31)"/><ellipse cx="13" cy="-31" rx="11.5" ry="16" transform="rotate(8 13 -31)"/><ellipse cx="34" cy="-8" rx="11" ry="15" transform="rotate(24 34 -8)"/><path d="M0-8C17-8 31 12 31 26C31 40 19 42 0 42C-19 42-31 40-31 26C-31 12-17-8 0-8Z"/>';

const DARK = '#3a2a22';

/** A dog that looks over the edge y = 0, 220 wide; what is below is covered. */
export const peekingDog = ({ fur: [fur, ear] }: Theme): string =>
  `<path d="M-84 12C-92-80-48-118 0-118S92-80 84 12Z" fill="${fur}"/>
<path d="M-58-102C-104-114-124-54-106-12C-98 6-80-4-76-32C-74-58-72-80-58-102Z" fill="${ear}"/>
<path d="M58-102C104-114 124-54 106-12C98 6 80-4 76-32C74-58 72-80 58-102Z" fill="${ear}"/>
<path d="M0-117C-12-92-18-64-42-36C-52-18-36 6 0 6S52-18 42-36C18-64 12-92 0-117Z" fill="#fffaf0"/>
<circle cx="-36" cy="-58" r="9" fill="${DARK}"/><circle cx="36" cy="-58" r="9" fill="${DARK}"/>
<circle cx="-33" cy="-61" r="3" fill="#fff"/><circle cx="39" cy="-61" r="3" fill="#fff"/>
<ellipse cx="0" cy="-40" rx="14" ry="10" fill="${DARK}"/>
<path d="M0-30V-23C-4-13-19-13-23-21M0-23C4-13 19-13 23-21" fill="none" stroke="${DARK}" stroke-width="4" stroke-linecap="round"/>
<ellipse cx="-57" cy="-36" rx="11" ry="7" fill="${ear}" opacity=".5"/><ellipse cx="57" cy="-36" rx="11" ry="7" fill="${ear}" opacity=".5"/>`;

/** Laid on the edge. */
export const dogPaws = ({ fur: [fur, ear] }: Theme): string =>
  [-52, 52]
    .map(
      (x) =>
        `<g transform="translate(${x} 0)"><rect x="-27" y="-15" width="54" height="40" rx="20" fill="${fur}" stroke="${ear}" stroke-opacity=".35" stroke-width="2"/><path d="M-8 10V21M8 10V21" stroke="${ear}" stroke-width="3.5" stroke-linecap="round"/></g>`,
    )
    .join('');

const TRAIL: readonly [x: number, y: number, turn: number][] = [
  [0.12, 0.93, 58],
  [0.26, 0.77, 66],
  [0.4, 0.78, 74],
  [0.53, 0.62, 52],
  [0.68, 0.55, 30],
  [0.7, 0.33, 8],
  [0.84, 0.2, 34],
];

/** Where nothing of the route may be shown: paw prints that lead out of the picture. */
export const pawTrail = (
  box: { x: number; y: number; width: number; height: number },
  color: string,
): string =>
  TRAIL.map(
    ([x, y, turn], i) =>
      `<g transform="translate(${box.x + x * box.width} ${box.y + y * box.height}) rotate(${turn}) scale(.95)" fill="${color}" opacity="${(0.3 + i * 0.1).toFixed(2)}">${PAW}</g>`,
  ).join('');
