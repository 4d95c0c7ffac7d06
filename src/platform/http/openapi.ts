import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';
import { NOTES_EXTENSION, type NotesExtension } from './answers.js';
import { type ExampleOptions, exampleOf, type Samples } from './examples.js';
import { IDEMPOTENCY_HEADER, idempotencyKeyReused, requestInFlight } from './idempotency.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';
import * as problems from './problem.js';
import { problemBody, type ProblemKind } from './problem.js';
import { LIMITS } from '../limits/limits.js';

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

const EXAMPLE_REQUEST_ID = '0193a1b2-c3d4-7e5f-8a6b-00000000c0de';
const PROBLEM_JSON = 'application/problem+json';
const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Injection token of what the product says about its API. */
export const API_NOTES = Symbol('API_NOTES');

export interface ApiNotes {
  title: string;
  /** Markdown. */
  description: string;
  /** Each tag that a controller names, in the order in which the app's developers read. */
  tags: Record<string, { ko: string; en: string; description: string }>;
  /** The tag of what other companies' servers call. */
  calledByOthers: string;
  samples: Samples;
}

const problemResponse = (description: string): ResponseObject => ({
  description,
  content: { [PROBLEM_JSON]: { schema: PROBLEM_REF } },
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
  'Retry-After': { description: 'Seconds', schema: { type: 'integer' } },
} as const;

const limitLines = Object.entries(LIMITS).map(
  ([name, { count, windowS, per }]) =>
    `- \`${name}\`: ${count.toLocaleString('en')} / ${windowS === 60 ? 'min' : 'h'}, per ${per}`,
);
const LIMITS_NOTE = `요청 수에는 한도가 있고, 답마다 \`RateLimit-Policy\`와 \`RateLimit\` 헤더로 알립니다. 넘으면 429 \`rate-limited\`와 \`Retry-After\`(초)로 답합니다.\n\n${limitLines.join('\n')}`;

/** The contract of the app: what the snapshot, the typed client, the response checks and /docs are made from. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const notes = app.get<ApiNotes>(API_NOTES, { strict: false });
  const info = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(notes.title)
    .setDescription(`${notes.description}\n\n${LIMITS_NOTE}`)
    .setVersion('1')
    .addBearerAuth({
      ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      description: '로그인이 답한 `accessToken`',
    })
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
  const schemas = { ...document.components?.schemas, Problem: PROBLEM } as Record<string, JsonSchema>;
  const told = new Map<string, ProblemKind>();
  const used = new Set<string>();
  for (const operation of operationsOf(document)) {
    const { calledBy, problems } = takeNotes(operation);
    for (const kind of [...problems, ...commonProblemsOf(operation)]) {
      told.set(kind.code, kind);
      addProblem(operation, kind);
    }
    (operation.responses['429'] as ResponseObject).headers = LIMIT_HEADERS;
    operation.responses = {
      ...operation.responses,
      '4XX': problemResponse('그 밖의 잘못된 요청 / other client errors'),
      '5XX': problemResponse('서버 오류 / server error'),
    };
    addExamples(operation, { samples: notes.samples, schemas });
    const [tag = ''] = calledBy === undefined ? (operation.tags ?? []) : [notes.calledByOthers];
    used.add(tag);
    operation.tags = [displayNameOf(notes, tag)];
    if (calledBy !== undefined)
      operation.description = [`앱이 아니라 **${calledBy}의 서버**가 부릅니다.`, operation.description]
        .filter(Boolean)
        .join('\n\n');
  }
  document.components = {
    ...document.components,
    schemas: schemas,
    examples: Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1)).map(problemExample)),
  };
  document.tags = Object.entries(notes.tags)
    .filter(([tag]) => used.has(tag))
    .map(([tag, { description }]) => ({ name: displayNameOf(notes, tag), description }));
  return document;
}

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;
type ResponseObject = Exclude<OperationObject['responses'][string], { $ref: string } | undefined>;

function operationsOf(document: OpenAPIObject): OperationObject[] {
  return Object.values(document.paths).flatMap((path) =>
    METHODS.map((method) => path[method]).filter((operation) => operation !== undefined),
  );
}

/** What `@Answers` noted for this document's making, which is no part of it. */
function takeNotes(operation: OperationObject): NotesExtension {
  const withNotes = operation as OperationObject & { [NOTES_EXTENSION]?: NotesExtension };
  const notes = withNotes[NOTES_EXTENSION];
  delete withNotes[NOTES_EXTENSION];
  return notes ?? { problems: [] };
}

/** What follows from how the operation is asked. */
function commonProblemsOf(operation: OperationObject): ProblemKind[] {
  const {
    security,
    parameters = [],
    requestBody,
    ...extensions
  } = operation as OperationObject & Record<string, unknown>;
  const isOnceOnly = parameters.some(
    (parameter) => 'name' in parameter && parameter.name === IDEMPOTENCY_HEADER,
  );
  const isAsked = parameters.some((parameter) => 'in' in parameter && parameter.in !== 'header');
  return [
    ...(security ? [problems.unauthorized] : []),
    ...(security && !extensions['x-open-to-suspended'] ? [problems.accountSuspended] : []),
    ...(security && !extensions['x-open-to-leaving'] ? [problems.accountLeaving] : []),
    ...(extensions['x-role'] ? [problems.forbidden] : []),
    ...(requestBody ? [problems.badRequest, problems.payloadTooLarge, problems.unsupportedMediaType] : []),
    ...(requestBody || isAsked || isOnceOnly ? [problems.validationFailed] : []),
    ...(isOnceOnly ? [requestInFlight, idempotencyKeyReused] : []),
    problems.rateLimited,
  ].map(({ kind }) => kind);
}

/** A status that the route documents in its own way (a page, say) stays as it is. */
function addProblem(operation: OperationObject, { status, code, title }: ProblemKind): void {
  const responses = operation.responses as Record<string, ResponseObject>;
  const response = (responses[status] ??= { ...problemResponse(''), description: '' });
  const content = response.content?.[PROBLEM_JSON];
  if (!content || content.examples?.[code]) return;
  content.examples = { ...content.examples, [code]: { $ref: `#/components/examples/${code}` } };
  response.description = [response.description, `- \`${code}\` ${title.ko}`].filter(Boolean).join('\n');
}

function problemExample([code, kind]: [string, ProblemKind]) {
  const errors =
    kind === problems.validationFailed.kind
      ? [{ path: 'field', code: 'required', message: { ko: '꼭 필요해요.', en: 'Required.' } }]
      : undefined;
  const value = problemBody(new problems.Problem(kind, { errors }), EXAMPLE_REQUEST_ID, 'ko');
  return [code, { summary: kind.title.ko, value }] as const;
}

/** Of JSON and text, in and out, and of what must be told beside it; files have none. */
function addExamples(operation: OperationObject, given: Omit<ExampleOptions, 'io'>): void {
  const add = (content: ResponseObject['content'], io: ExampleOptions['io']) => {
    for (const [mediaType, media] of Object.entries(content ?? {})) {
      const schema = (media.schema ?? {}) as JsonSchema;
      if (/multipart|image|html/.test(mediaType) || schema.format === 'binary') continue;
      media.example = exampleOf(schema, { ...given, io }, mediaType);
    }
  };
  if (operation.requestBody && 'content' in operation.requestBody)
    add(operation.requestBody.content, 'input');
  for (const [status, response] of Object.entries(operation.responses))
    if (status.startsWith('2')) add((response as ResponseObject).content, 'output');
  for (const parameter of operation.parameters ?? [])
    if ('name' in parameter && parameter.required && parameter.schema)
      parameter.example = exampleOf(
        parameter.schema as JsonSchema,
        { ...given, io: 'input' },
        parameter.name,
      );
}

function displayNameOf({ tags }: ApiNotes, tag: string): string {
  const names = tags[tag];
  return names ? `${names.ko} ${names.en}` : tag;
}

/** `/docs` and `/openapi.json`; the document is made for the first who reads it, not at every start. */
export function serveDocs(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: app.get<ApiNotes>(API_NOTES, { strict: false }).title,
    swaggerOptions: {
      ...{ persistAuthorization: true, displayRequestDuration: true },
      ...{ docExpansion: 'none', filter: true, tryItOutEnabled: true },
    },
  });
}
