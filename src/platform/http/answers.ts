import { applyDecorators, Header, HttpCode, type StreamableFile } from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import { ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { serializerSchemaOf } from './json-schema.js';
import type { ProblemFactory, ProblemKind } from './problem.js';

export interface AnswerNotes {
  /** One line for the reader of /docs, in Korean. */
  summary: string;
  /** What the summary has no room for; Markdown. */
  description?: string;
  /** The problems that are this route's own; the common ones (401, 422, …) need no mention. */
  problems?: ProblemFactory[];
  /** Whose servers call it, where it is not for the app. */
  calledBy?: string;
  /** Largest body this route takes; the default is DEFAULT_BODY_LIMIT_BYTES. */
  bodyLimitBytes?: number;
  /** A file as body, which no other route takes. */
  takes?: 'multipart' | 'image';
}

type Handler<T> = (...args: never[]) => T | Promise<T>;

/**
 * The one decorator of a route's answer: status, OpenAPI response, and Fastify's compiled serializer, which
 * drops every field that the schema does not name. The handler's return type is checked against the schema.
 */
export function Answers<S extends z.ZodType>(status: number, schema: S, notes: AnswerNotes) {
  return <H extends Handler<z.input<S>>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void =>
    applyDecorators(
      HttpCode(status),
      RouteSchema({ response: { [status]: serializerSchemaOf(schema) } }),
      ApiResponse({ status, standardSchema: schema, description: 'OK' }),
      ...common(notes),
    )(target, key, descriptor);
}

/** 204: done, nothing to say. */
export function AnswersNothing(notes: AnswerNotes) {
  return <H extends Handler<void>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void =>
    applyDecorators(HttpCode(204), ApiResponse({ status: 204, description: 'Done' }), ...common(notes))(
      target,
      key,
      descriptor,
    );
}

/** A file or page: the handler returns text of the given media type. */
export function AnswersText(mediaType: string, notes: AnswerNotes) {
  return <H extends Handler<string>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void =>
    applyDecorators(
      HttpCode(200),
      Header('content-type', `${mediaType}; charset=utf-8`),
      ApiResponse({
        status: 200,
        description: 'OK',
        content: { [mediaType]: { schema: { type: 'string' } } },
      }),
      ...common(notes),
    )(target, key, descriptor);
}

/** Bytes of one of the given media types; the `StreamableFile` says which. */
export function AnswersBytes(mediaTypes: string[], notes: AnswerNotes) {
  return <H extends Handler<StreamableFile>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const schema = { type: 'string', format: 'binary' };
    applyDecorators(
      HttpCode(200),
      ApiResponse({
        status: 200,
        description: 'OK',
        content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }])),
      }),
      ...common(notes),
    )(target, key, descriptor);
  };
}

/** What `openapi.ts` makes responses and tags of; it is not in the document. */
export const NOTES_EXTENSION = 'x-notes';
export type NotesExtension = Pick<AnswerNotes, 'calledBy'> & { problems: ProblemKind[] };

function common(notes: AnswerNotes) {
  const { summary, description, calledBy, problems = [] } = notes;
  const extension: NotesExtension = { calledBy, problems: problems.map(({ kind }) => kind) };
  return [
    RouteConfig(configOf(notes)),
    ApiOperation({ summary, description }),
    ApiExtension(NOTES_EXTENSION, extension),
  ];
}

/** Read by the hooks in `fastify.ts` and `file-body.ts`. */
export type RouteNotes = Pick<AnswerNotes, 'bodyLimitBytes' | 'takes'>;

const configOf = ({ bodyLimitBytes, takes }: AnswerNotes): RouteNotes => ({ bodyLimitBytes, takes });
