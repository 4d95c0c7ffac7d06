import type { JsonSchema } from './json-schema.js';

/** Values by the name of the field that holds them: the first that the field's schema allows is taken. */
export type Samples = readonly [name: RegExp, ...values: unknown[]][];

/** What a sample of that format begins and ends with. */
const FORMATS: Record<string, RegExp> = {
  'date-time': /^\d{4}-\d\d-\d\dT.+Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  uuid: /^[\da-f]{8}-/,
  uri: /^https?:/,
};
/** Longer than any shape is deep. */
const MAX_DEPTH = 16;
const INSTANT = '2026-11-21T08:30:00.000Z';
/** For texts whose names say nothing. */
const TEXTS = ['보리', 'example', '1', '2026-11-21', '0193a1b2c3d4'];
const NUMBERS = [3, 1, 0, 10, 100];

export interface ExampleOptions {
  samples: Samples;
  /** Named schemas, as references name them. */
  schemas: Record<string, JsonSchema>;
  /** A request leaves out the ids that it need not name: nothing would be there under them. */
  io: 'input' | 'output';
}

/** What a value of that schema looks like: always the same one. A schema's own example comes before all. */
export function exampleOf(given: JsonSchema, options: ExampleOptions, name = '', depth = 0): unknown {
  const schema = resolved(given, options.schemas);
  if (depth > MAX_DEPTH) return null;
  const told = [schema.example, ...((schema.examples as unknown[]) ?? []), schema.const].find(
    (value) => value !== undefined,
  );
  if (told !== undefined) return told;
  const variants = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (variants) {
    const first = variants.find((variant) => resolved(variant, options.schemas).type !== 'null');
    return exampleOf(first ?? {}, options, name, depth + 1);
  }
  if (Array.isArray(schema.allOf)) {
    const parts = (schema.allOf as JsonSchema[]).map((part) => exampleOf(part, options, name, depth + 1));
    return parts.every((part) => typeof part === 'object') ? Object.assign({}, ...parts) : parts[0];
  }
  const type = [schema.type].flat().find((one) => one !== 'null');
  if (type === 'object' || schema.properties) return objectOf(schema, options, depth);
  if (type === 'array') {
    const item = exampleOf((schema.items ?? {}) as JsonSchema, options, name.replace(/s$/, ''), depth + 1);
    return schema.maxItems === 0
      ? []
      : Array.from({ length: Math.max(1, num(schema.minItems, 1)) }, () => item);
  }
  const sampled = options.samples
    .filter(([pattern]) => pattern.test(name))
    .flatMap(([, ...values]) => values)
    .find((value) => fits(schema, value));
  if (sampled !== undefined) return sampled;
  const choices = schema.enum as unknown[] | undefined;
  if (choices) return schema.default ?? choices.find((choice) => choice !== null);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number')
    return [...NUMBERS, num(schema.minimum, 0)].find((value) => fits(schema, value));
  if (type === 'string') return textOf(schema, name);
  return type === undefined ? {} : null;
}

function objectOf(schema: JsonSchema, options: ExampleOptions, depth: number): Record<string, unknown> {
  const required = (schema.required ?? []) as string[];
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const shown = properties.filter(
    ([key, property]) =>
      options.io === 'output' || required.includes(key) || !isId(resolved(property, options.schemas)),
  );
  return Object.fromEntries(
    shown.map(([key, property]) => [key, exampleOf(property, options, key, depth + 1)]),
  );
}

function textOf(schema: JsonSchema, name: string): string | undefined {
  if (schema.format === 'uuid') return uuidOf(name);
  if (schema.format === 'date-time') return INSTANT;
  if (schema.format === 'date') return INSTANT.slice(0, 10);
  if (schema.format === 'uri') return 'https://api.example.com/';
  return TEXTS.find((text) => fits(schema, text));
}

/** A UUIDv7 that is the same for the same field. */
function uuidOf(name: string): string {
  const hash = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) >>> 0, 7);
  return `0193a1b2-c3d4-7e5f-8a6b-${hash.toString(16).padStart(12, '0')}`;
}

const isId = (schema: JsonSchema): boolean =>
  schema.format === 'uuid' || (schema.items as JsonSchema | undefined)?.format === 'uuid';

/** Of what a value of one type can break; a test judges whole examples by the schema itself. */
function fits(schema: JsonSchema, value: unknown): boolean {
  const types = [schema.type].flat();
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  if (typeof value === 'number') {
    if (!types.includes('number') && !(types.includes('integer') && Number.isInteger(value))) return false;
    if (value < num(schema.minimum, -Infinity) || value > num(schema.maximum, Infinity)) return false;
    return value > num(schema.exclusiveMinimum, -Infinity);
  }
  if (typeof value !== 'string') return types.includes(typeof value);
  if (!types.includes('string') || !(FORMATS[String(schema.format)] ?? /^/).test(value)) return false;
  if (value.length < num(schema.minLength, 0) || value.length > num(schema.maxLength, Infinity)) return false;
  return typeof schema.pattern !== 'string' || new RegExp(schema.pattern, 'u').test(value);
}

const num = (given: unknown, otherwise: number): number => (typeof given === 'number' ? given : otherwise);

function resolved(schema: JsonSchema, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $ref, ...rest } = schema;
  if (typeof $ref !== 'string') return schema;
  return { ...resolved(schemas[$ref.split('/').at(-1)!] ?? {}, schemas), ...rest };
}
