/** A picture of ratios: one bar for each kind of work, on a logarithmic axis from a half to fifty. */

export interface Bar {
  name: string;
  ratio: number;
  /** Not exceeded in a run that passes; null: only shown. */
  limit: number | null;
  /** The two costs, with their unit. */
  costs: string;
}

const WIDTH = 960;
const LEFT = 290;
const RIGHT = 720;
const TOP = 84;
const ROW = 34;
const TICKS = [0.5, 1, 2, 5, 10, 20, 50];
const [OK, TOO_MUCH, SHOWN] = ['#2f7d5b', '#b3372f', '#6b7a8f'];

const x = (ratio: number) => {
  const [first, last] = [Math.log(TICKS[0]!), Math.log(TICKS.at(-1)!)];
  const place = (Math.log(ratio) - first) / (last - first);
  return Math.round((LEFT + Math.min(1, Math.max(0, place)) * (RIGHT - LEFT)) * 10) / 10;
};
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (at: [number, number], content: string, more = '') =>
  `<text x="${at[0]}" y="${at[1]}" ${more}>${escaped(content)}</text>`;
const line = (from: [number, number], to: [number, number], style: string) =>
  `<line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" ${style}/>`;

export function growthPlot(title: string, axis: string, bars: readonly Bar[]): string {
  const bottom = TOP + bars.length * ROW;
  const ticks = TICKS.flatMap((ratio) => [
    line([x(ratio), TOP - 6], [x(ratio), bottom], `stroke="${ratio === 1 ? '#444' : '#ddd'}"`),
    text([x(ratio), bottom + 18], `× ${ratio}`, 'text-anchor="middle" fill="#444"'),
  ]);
  const rows = bars.flatMap(({ name, ratio, limit, costs }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2 + 4;
    const colour = limit === null ? SHOWN : ratio <= limit ? OK : TOO_MUCH;
    const [from, to] = [x(1), x(ratio)].sort((a, b) => a - b) as [number, number];
    return [
      text([LEFT - 12, middle], name, 'text-anchor="end" fill="#111"'),
      `<rect x="${from}" y="${y + 7}" width="${Math.max(2, to - from)}" height="${ROW - 14}" fill="${colour}"/>`,
      ...(limit === null
        ? []
        : [line([x(limit), y + 3], [x(limit), y + ROW - 3], 'stroke="#111" stroke-width="2"')]),
      text([RIGHT + 14, middle], `× ${ratio.toFixed(2)}`, `fill="${colour}" font-weight="bold"`),
      text([RIGHT + 76, middle], costs, 'fill="#444"'),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 74}" viewBox="0 0 ${WIDTH} ${bottom + 74}" font-family="Helvetica, Arial, sans-serif" font-size="13">`,
    '<rect width="100%" height="100%" fill="white"/>',
    text([24, 34], title, 'font-size="18" font-weight="bold" fill="#111"'),
    text(
      [24, 56],
      'Green: within its limit (the black mark). Red: above. Grey: shown without a limit.',
      'fill="#444"',
    ),
    ...ticks,
    ...rows,
    text([(LEFT + RIGHT) / 2, bottom + 44], axis, 'text-anchor="middle" fill="#111"'),
    text([RIGHT + 76, TOP - 12], 'cost, small → large', 'fill="#444" font-size="11"'),
    '</svg>',
    '',
  ].join('\n');
}
