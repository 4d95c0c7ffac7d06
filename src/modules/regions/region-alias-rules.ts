/** An old code and the one that took its place, from a day on (`YYYY-MM-DD`). */
export interface RegionAlias {
  oldCode: string;
  newCode: string;
  validFrom: string;
}

export type AliasRejection = 'malformed' | 'not-yet' | 'circle';

const LINE = /^(\d{10})\s*[,\t; ]\s*(\d{10})\s*[,\t; ]\s*(\d{4}-\d{2}-\d{2})$/;

/** Lines of `old code, new code, date`; a head line, empty ones and those after `#` say nothing. */
export function aliasesOfText(
  text: string,
  today: string,
): { aliases: RegionAlias[]; rejected: { line: number; reason: AliasRejection }[] } {
  const aliases: RegionAlias[] = [];
  const rejected: { line: number; reason: AliasRejection }[] = [];
  text.split(/\r?\n/).forEach((raw, at) => {
    const line = raw.replace(/^\ufeff/, '').trim();
    if (line === '' || line.startsWith('#') || (at === 0 && !/\d/.test(line))) return;
    const [, oldCode, newCode, validFrom] = LINE.exec(line) ?? [];
    if (!oldCode || !newCode || !validFrom || Number.isNaN(Date.parse(validFrom)))
      rejected.push({ line: at + 1, reason: 'malformed' });
    else if (validFrom > today) rejected.push({ line: at + 1, reason: 'not-yet' });
    else if (oldCode === newCode) rejected.push({ line: at + 1, reason: 'circle' });
    else aliases.push({ oldCode, newCode, validFrom });
  });
  return { aliases, rejected };
}

/**
 * Every old code straight to the code of today, however often a region was renamed.
 * @param all later ones overrule earlier ones of the same old code
 * @throws Error naming a code that would lead back to itself
 */
export function straightened(all: readonly RegionAlias[]): RegionAlias[] {
  const next = new Map(all.map((alias) => [alias.oldCode, alias]));
  return [...next.values()].map(({ oldCode, validFrom }) => {
    let newCode = oldCode;
    const seen = new Set<string>();
    for (let step = next.get(newCode); step; step = next.get(newCode)) {
      if (seen.has(newCode)) throw new Error(`The aliases of ${oldCode} go round in a circle.`);
      seen.add(newCode);
      newCode = step.newCode;
    }
    return { oldCode, newCode, validFrom };
  });
}
