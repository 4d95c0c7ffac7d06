import { dateText, distanceFigure, namesText, paceFigure, printable, timeFigure } from './card-text-rules.js';
import type { CardContent } from './draw.js';
import { routeBox } from './layout.js';
import { drawnRoute } from './route-rules.js';
import type { ThemeName } from './themes.js';

const MOST_BADGES = 3;
const LONGEST_BADGE = 11;

/** A walk as others are told of it. */
export interface WalkOnCard {
  walkDate: string;
  distanceM: number;
  movingS: number;
  petNames: readonly string[];
  lines: readonly (readonly { lat: number; lng: number }[])[];
}

/** From here on there are no coordinates and no names that the font cannot draw. */
export function cardContentOf(
  { walkDate, distanceM, movingS, petNames, lines }: WalkOnCard,
  badgeNames: readonly string[],
  theme: ThemeName,
  covers: (codePoint: number) => boolean,
): CardContent {
  const names = namesText(petNames, covers);
  const badges = badgeNames
    .map((name) => printable(name, covers).slice(0, LONGEST_BADGE))
    .slice(0, MOST_BADGES);
  const pace = paceFigure(distanceM, movingS);
  const box = routeBox({ names, badges });
  return {
    names,
    date: dateText(walkDate),
    figures: [distanceFigure(distanceM), timeFigure(movingS), ...(pace ? [pace] : [])],
    badges,
    theme,
    route: drawnRoute(lines, box),
    box,
  };
}
