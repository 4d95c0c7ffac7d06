import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** One conversion for OpenAPI, for the serializer and for the compiled validator: a `Date` is a date-time string. */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date')
        Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      delete jsonSchema.id;
    },
  }) as JsonSchema;
  return json;
}

/**
 * The same schema as fast-json-stringify likes it: no references, and "X or null" as `nullable`
 * (left as `anyOf` it would run a validator for each value).
 */
export function serializerSchemaOf(schema: z.ZodType): JsonSchema {
  const { $defs = {}, ...root } = jsonSchemaOf(schema, 'output') as JsonSchema & {
    $defs?: Record<string, JsonSchema>;
  };
  return inline(root, $defs) as JsonSchema;
}

function inline(node: unknown, defs: Record<string, JsonSchema>): unknown {
  if (Array.isArray(node)) return node.map((item) => inline(item, defs));
  if (node === null || typeof node !== 'object') return node;
  const { $ref, ...rest } = node as JsonSchema;
  if (typeof $ref === 'string') {
    return {
      ...(inline(defs[$ref.replace('#/$defs/', '')], defs) as JsonSchema),
      ...(inline(rest, defs) as JsonSchema),
    };
  }
  if (rest.additionalProperties === false) delete rest.additionalProperties; // dropped anyway, but a union would match nothing
  const { anyOf, ...others } = rest;
  if (Array.isArray(anyOf) && anyOf.length === 2 && (anyOf[1] as JsonSchema).type === 'null') {
    return {
      ...(inline(anyOf[0], defs) as JsonSchema),
      ...(inline(others, defs) as JsonSchema),
      nullable: true,
    };
  }
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inline(value, defs)]));
}
