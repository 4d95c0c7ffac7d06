/** The looks of a card, and of the page it is shared on. */
export interface Theme {
  isPremium: boolean;
  /** Top to bottom. */
  background: readonly [string, string, ...string[]];
  scenery: 'hills' | 'stars' | 'forest' | 'sun' | 'petals' | 'dots';
  /** What the scenery is painted with, the furthest first. */
  shades: readonly [string, string, string];
  ink: string;
  muted: string;
  /** The line of the route, from its first to its last corner of the picture. */
  route: readonly [string, string];
  /** Around the line, so that it stands off from the scenery. */
  casing: string;
  /** Behind figures and badges. */
  panel: string;
  accent: string;
  /** Of the dog: the fur, and the ears. */
  fur: readonly [string, string];
  /** On the accent. */
  onAccent: string;
}

export const THEMES = {
  milk: {
    isPremium: false,
    background: ['#fffaf2', '#ffeeda'],
    scenery: 'hills',
    shades: ['#ffe7c9', '#ffdcb8', '#ffd0a6'],
    ink: '#3a2a22',
    muted: '#8f6f5b',
    route: ['#ff9d5c', '#f2564d'],
    casing: '#ffffff',
    panel: '#fffdf9',
    accent: '#db4a2e',
    fur: ['#f3d3a6', '#c98d54'],
    onAccent: '#ffffff',
  },
  night: {
    isPremium: false,
    background: ['#10142e', '#1d2450', '#3a3a74'],
    scenery: 'stars',
    shades: ['#2c3166', '#23295a', '#1a1f48'],
    ink: '#f7f4ff',
    muted: '#b6b9e0',
    route: ['#ffe39a', '#ff9f6e'],
    casing: '#171c40',
    panel: '#131838',
    accent: '#ffd477',
    fur: ['#f3d3a6', '#c98d54'],
    onAccent: '#1b2049',
  },
  forest: {
    isPremium: true,
    background: ['#0e3a33', '#1b5a47', '#3b7d58'],
    scenery: 'forest',
    shades: ['#2d6c50', '#1f5743', '#134237'],
    ink: '#f5f8ea',
    muted: '#bfd8c2',
    route: ['#fdf3b0', '#f2c14b'],
    casing: '#124037',
    panel: '#0f3a31',
    accent: '#f4d06f',
    fur: ['#f3d3a6', '#c98d54'],
    onAccent: '#12413a',
  },
  sunset: {
    isPremium: true,
    background: ['#4a2c6d', '#b5477b', '#f47c62', '#ffbf86'],
    scenery: 'sun',
    shades: ['#c9506f', '#8d3a6c', '#532b5e'],
    ink: '#fffaf3',
    muted: '#fbdccb',
    route: ['#fff3d6', '#ffffff'],
    casing: '#8c3a6d',
    panel: '#43244f',
    accent: '#ffd7a0',
    fur: ['#f3d3a6', '#c98d54'],
    onAccent: '#6b2c5e',
  },
  blossom: {
    isPremium: true,
    background: ['#fff6f8', '#ffe3ea', '#fbcfdb'],
    scenery: 'petals',
    shades: ['#fbc9d6', '#f7b3c5', '#f29bb3'],
    ink: '#5a2338',
    muted: '#a2607a',
    route: ['#f58aa8', '#d93f73'],
    casing: '#fffafb',
    panel: '#fffafb',
    accent: '#d63c6f',
    fur: ['#f3d3a6', '#c98d54'],
    onAccent: '#ffffff',
  },
  mono: {
    isPremium: true,
    background: ['#f7f6f3', '#eceae5'],
    scenery: 'dots',
    shades: ['#dedbd4', '#d2cfc7', '#c6c2b9'],
    ink: '#161616',
    muted: '#6f6c66',
    route: ['#161616', '#161616'],
    casing: '#f7f6f3',
    panel: '#fdfcfa',
    accent: '#161616',
    fur: ['#e4e1da', '#8d8981'],
    onAccent: '#ffffff',
  },
} as const satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;
export const THEME_NAMES = Object.keys(THEMES) as [ThemeName, ...ThemeName[]];
