import type { OpenAPIObject } from '@nestjs/swagger';

export type JsonSchema = Record<string, unknown>;

/** One operation of the OpenAPI document, as a test walks over all of them. */
export interface Operation {
  /** `GET /pets/{id}` */
  key: string;
  method: string;
  path: string;
  pathParams: string[];
  query: { name: string; required: boolean; schema: JsonSchema }[];
  body: { mediaType: string; schema: JsonSchema; required: boolean } | null;
  wantsToken: boolean;
  raw: RawOperation;
}

export interface RawMedia {
  schema: JsonSchema;
  example?: unknown;
  examples?: Record<string, { $ref: string }>;
}

export interface RawOperation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: object[];
  'x-role'?: string;
  'x-open-to-suspended'?: boolean;
  'x-open-to-leaving'?: boolean;
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema; example?: unknown }[];
  requestBody?: { required?: boolean; content: Record<string, RawMedia> };
  responses: Record<string, { description: string; content?: Record<string, RawMedia> }>;
}

export function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, RawOperation>).map(([method, raw]) => {
      const parameters = raw.parameters ?? [];
      const [mediaType, content] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
      return {
        key: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        pathParams: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!),
        query: parameters
          .filter((parameter) => parameter.in === 'query')
          .map(({ name, required = false, schema }) => ({ name, required, schema })),
        body:
          mediaType && content
            ? { mediaType, schema: content.schema, required: raw.requestBody?.required ?? false }
            : null,
        wantsToken: (raw.security ?? []).length > 0,
        raw,
      };
    }),
  );
}
