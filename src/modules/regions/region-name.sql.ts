/**
 * What people call a region: of a dong by its 10 digits, of a gu by its 5, for an expression that holds the code.
 * Null for another code (`''` is the nation's), and while the region is not known.
 */
export const regionNameSql = (code: string): string => `(
  select case length(${code}) when 5 then trim(sido || ' ' || gu) else dong end
  from regions
  where length(${code}) in (5, 10) and regions.code between rpad(${code}, 10, '0') and rpad(${code}, 10, '9')
  order by retired_at nulls first
  limit 1
)`;
