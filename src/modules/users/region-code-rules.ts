/**
 * Sidos that were renamed as a whole, so that only the first two digits of their codes changed: 강원 (June 2023) and
 * 전북 (January 2024). Mergers, where the rest changes too, are in `region_aliases`.
 */
export const RENAMED_SIDOS: Readonly<Record<string, string>> = { '42': '51', '45': '52' };

/** A code by the name its sido has today. Unknown ones stay what they are. */
export const withSidoOfToday = (code: string): string =>
  (RENAMED_SIDOS[code.slice(0, 2)] ?? code.slice(0, 2)) + code.slice(2);

/** The same in SQL, for a column or an expression. */
export const withSidoOfTodaySql = (code: string): string =>
  `(case left(${code}, 2) ${Object.entries(RENAMED_SIDOS)
    .map(([before, today]) => `when '${before}' then '${today}' || substr(${code}, 3)`)
    .join(' ')} else ${code} end)`;
