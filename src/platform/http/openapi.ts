import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { LIMITS } from '../limits/limits.js';
import { jsonSchemaOf } from './json-schema.js';

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457. `code` is stable: branch on it.',
  properties: {
    type: { type: 'string', example: 'urn:withbowwow:problem:validation-failed' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', example: 'validation-failed' },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
        required: ['path', 'code', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
};

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const LIMIT_HEADERS = {
  'RateLimit-Policy': {
    description: 'Which limit counts here: `"user";q=1000;w=3600` is 1,000 requests in 3,600 s',
    schema: { type: 'string' },
  },
  RateLimit: {
    description:
      'What is left of it (r), and after how many seconds all of it is back (t): `"user";r=999;t=3600`',
    schema: { type: 'string' },
  },
} as const;

const LIMITED = {
  ...problemResponse('요청이 너무 많음 / `rate-limited`'),
  headers: {
    ...LIMIT_HEADERS,
    'Retry-After': { description: 'Seconds', schema: { type: 'integer' as const } },
  },
};

const limitLines = Object.entries(LIMITS).map(
  ([name, { count, windowS, per }]) =>
    `- \`${name}\`: ${count.toLocaleString('en')} / ${windowS === 60 ? 'min' : 'h'}, per ${per}`,
);

/** The contract of the app: what the snapshot, the typed client, the response checks and /docs are made from. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const info = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('멍이랑 API')
    .setDescription(
      '산책을 기록하고, 판정하고, 함께 즐기는 멍이랑의 API입니다. 오류는 모두 `application/problem+json`이며 `code`로 구분합니다. `Accept-Language: en`이면 영어로 답합니다.\n\n' +
        '요청 수에는 한도가 있고, 답마다 `RateLimit-Policy`와 `RateLimit` 헤더로 알립니다. 넘으면 429 `rate-limited`와 `Retry-After`(초)로 답합니다.\n\n' +
        limitLines.join('\n'),
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, info, {
    operationIdFactory: (_controller, method) => method,
    standardSchemaConverter: (schema, { schemaType }) => {
      const { $defs, ...json } = jsonSchemaOf(schema as z.ZodType, schemaType) as {
        $defs?: Record<string, unknown>;
      };
      return { schema: json, components: $defs };
    },
  });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM },
  };
  for (const operation of operationsOf(document)) {
    operation.responses = {
      ...operation.responses,
      '429': LIMITED,
      '4XX': problemResponse('잘못된 요청 / client error'),
      '5XX': problemResponse('서버 오류 / server error'),
    };
  }
  return document;
}

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;

function operationsOf(document: OpenAPIObject): OperationObject[] {
  return Object.values(document.paths).flatMap((path) =>
    [path.get, path.post, path.put, path.patch, path.delete].filter((operation) => operation !== undefined),
  );
}

/** `/docs` and `/openapi.json`. */
export function serveDocs(app: NestFastifyApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: '멍이랑 API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
}
