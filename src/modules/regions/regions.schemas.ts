import { z } from 'zod';
import { pointInQuery, safeLine } from '../../platform/http/schemas.js';

export const resolveQuery = z.strictObject(pointInQuery);
export type ResolveQuery = z.output<typeof resolveQuery>;

export const searchQuery = z.strictObject({
  q: safeLine(1, 40).meta({ description: '동 이름, 또는 “마포 연남”처럼 앞의 이름과 함께', example: '연남' }),
});
export type SearchQuery = z.output<typeof searchQuery>;

export const region = z
  .object({
    code: z.string().meta({ description: '행정동 코드 (10자리)', example: '1144071000' }),
    sido: z.string().meta({ example: '서울특별시' }),
    gu: z.string().meta({ description: '시군구; 세종은 비어 있다', example: '마포구' }),
    dong: z.string().meta({ example: '연남동' }),
    name: z.string().meta({ example: '서울특별시 마포구 연남동' }),
  })
  .meta({ id: 'Region' });

export const foundRegions = z.object({ items: z.array(region) });
