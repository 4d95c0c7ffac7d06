import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';
import { type FieldError, validationFailed } from './problem.js';

const MAX_ERRORS_SHOWN = 20;
const KOREAN = z.locales.ko().localeError;
const ENGLISH = z.locales.en().localeError;

/** Checks each body, query and path parameter against the zod schema named at the parameter. */
@Injectable()
export class SchemaPipe implements PipeTransform {
  async transform(value: unknown, { schema, data }: ArgumentMetadata): Promise<unknown> {
    if (!schema) return value;
    const result = await schema['~standard'].validate(value);
    if (!result.issues) return result.value;
    throw validationFailed({ errors: fieldErrorsOf(result.issues, value, data) });
  }
}

/** @param prefix name of the single parameter that was checked, if it was one (`@Param('id')`) */
export function fieldErrorsOf(
  issues: readonly StandardSchemaV1.Issue[],
  input: unknown,
  prefix?: string,
): FieldError[] {
  const errors = issues.flatMap((issue) => errorsOfIssue(issue as z.core.$ZodIssue, input));
  return errors.slice(0, MAX_ERRORS_SHOWN).map((error) => ({
    ...error,
    path: [prefix, error.path].filter(Boolean).join('.'),
  }));
}

function errorsOfIssue(issue: z.core.$ZodIssue, input: unknown): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key.slice(0, 100)].join('.'),
      code: 'unknown-field',
      message: { ko: '알 수 없는 항목이에요.', en: 'Unknown field.' },
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    if (closest.length > 0)
      return closest.flatMap((inner) =>
        errorsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }, input),
      );
  }
  const value = valueAt(input, issue.path);
  if (value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) {
    return [{ path: path.join('.'), code: 'required', message: { ko: '필수 항목이에요.', en: 'Required.' } }];
  }
  const raw = { ...issue, input: value } as z.core.$ZodRawIssue;
  return [
    { path: path.join('.'), code: codeOf(issue), message: { ko: text(KOREAN(raw)), en: text(ENGLISH(raw)) } },
  ];
}

function codeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return typeof issue.params?.code === 'string' ? issue.params.code : 'invalid';
  return STABLE_CODES[issue.code] ?? 'invalid';
}

const STABLE_CODES: Record<string, string> = {
  invalid_type: 'wrong-type',
  too_small: 'too-small',
  too_big: 'too-big',
  invalid_format: 'invalid-format',
  invalid_value: 'not-allowed',
  invalid_union: 'not-allowed',
  not_multiple_of: 'not-allowed',
};

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      at === null || typeof at !== 'object' ? undefined : (at as Record<PropertyKey, unknown>)[key],
    input,
  );
}

function text(message: ReturnType<z.core.$ZodErrorMap>): string {
  return typeof message === 'string' ? message : (message?.message ?? '');
}
