import type { StandardSchemaV1 } from '@standard-schema/spec';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { jsonSchemaOf } from './json-schema.js';

/**
 * The kit every shape is made of. It closes what zod lets through and PostgreSQL refuses (NUL in text,
 * lone surrogates, integers above int4, dates of the year 294277) and what PostGIS silently bends
 * (latitude 95, NaN).
 */

const FORBIDDEN_CHARACTERS =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;
/** What shows nothing: spaces, zero-width characters, the Hangul filler. */
const INVISIBLE_CHARACTERS = /[\s\p{Default_Ignorable_Code_Point}]/gu;
const LINE_BREAK = /[\n\r\t]/;

/** Text a person wrote: trimmed, NFC, something to see, no control or direction-changing characters, no lone surrogates. */
export const safeText = (minLength: number, maxLength: number) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .min(minLength)
    .max(maxLength)
    .refine((text) => !FORBIDDEN_CHARACTERS.test(text) && text.isWellFormed(), {
      params: { code: 'forbidden-character' },
    })
    .refine((text) => text.replace(INVISIBLE_CHARACTERS, '') !== '' || text === '', {
      params: { code: 'invisible' },
    });

/** The same on one line: names and titles. */
export const safeLine = (minLength: number, maxLength: number) =>
  safeText(minLength, maxLength).refine((text) => !LINE_BREAK.test(text), {
    params: { code: 'forbidden-character' },
  });

/** Text a machine made (codes, tokens, keys): printable ASCII. */
export const asciiToken = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[\x21-\x7e]+$/);

export const id = z.uuid().toLowerCase();
export const lat = z.number().min(-90).max(90).meta({ description: 'Latitude, degrees (WGS84)' });
export const lng = z.number().min(-180).max(180).meta({ description: 'Longitude, degrees (WGS84)' });
/** Latitude and longitude as a query carries them. */
export const pointInQuery = {
  lat: z.coerce.number().min(-90).max(90).meta({ description: 'Latitude, degrees (WGS84)' }),
  lng: z.coerce.number().min(-180).max(180).meta({ description: 'Longitude, degrees (WGS84)' }),
};
export const int4 = z.int().min(-2_147_483_648).max(2_147_483_647);

/** An instant as a client sends it: ISO 8601 in UTC, within this century. */
export const instantIn = z.iso
  .datetime()
  .regex(/^20[0-8]/)
  .meta({ format: 'date-time', description: 'ISO 8601, UTC', example: '2026-11-21T08:30:00.000Z' });
/** An instant as the server answers it. */
export const instant = z.date();
/** A calendar date of Korea, `YYYY-MM-DD`. */
export const calendarDate = z.iso
  .date()
  .regex(/^(19|20)/)
  .meta({ format: 'date', example: '2026-11-21' });

/**
 * For a body with one big array: the array is checked by a validator compiled from the same zod schema (13 µs
 * instead of 500 µs for 600 points), the rest by zod, which also explains a failure. The array's items must
 * not transform.
 */
export function withCompiledArray<T extends z.ZodObject>(schema: T, key: keyof T['shape'] & string): T {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv, ['uuid']);
  ajv.addFormat('date-time', true); // the pattern that zod writes beside it says more, in an eighth of the time
  const accepts = ajv.compile(jsonSchemaOf(schema, 'input'));
  const rest = schema.omit({ [key]: true } as never);
  type Result = StandardSchemaV1.Result<z.output<T>>;
  const byZod = schema['~standard'];
  const validate = (value: unknown): Result | Promise<Result> => {
    if (!accepts(value)) return byZod.validate(value);
    const { [key]: array, ...others } = value as Record<string, unknown>;
    const result = rest.safeParse(others);
    return result.success
      ? { value: { ...result.data, [key]: array } as z.output<T> }
      : { issues: result.error.issues };
  };
  return Object.defineProperty(schema, '~standard', { value: { ...byZod, validate } });
}
