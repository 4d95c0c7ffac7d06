import { SetMetadata } from '@nestjs/common';

export interface JobOptions {
  /** How long one run may take; it has failed then, and is tried again. The time a job waits for its turn is not in it. */
  expireInS?: number;
  /** How many one process runs at once. */
  concurrency?: number;
  retryLimit?: number;
  /** Seconds before the first retry; it doubles from one to the next. */
  retryDelay?: number;
}

/** A kind of work that follows a commit. Data holds ids only; the handler reloads, and may run more than once. */
export interface JobKind<Data extends object> {
  readonly name: string;
  readonly options: JobOptions;
  /** Only for the type. */
  readonly data?: Data;
}

/** A thing that happened. Each subscriber gets a job of its own, so that one failing does not repeat the others. */
export interface FactKind<Data extends object> {
  readonly name: string;
  readonly data?: Data;
}

/** Every job there is; the queue refuses to start while one of them has no handler. */
export const definedJobs = new Map<string, JobKind<object>>();

export function defineJob<Data extends object>(name: string, options: JobOptions = {}): JobKind<Data> {
  if (definedJobs.has(name)) throw new Error(`Job ${name} is defined twice`);
  const kind: JobKind<Data> = { name, options };
  definedJobs.set(name, kind);
  return kind;
}

export const defineFact = <Data extends object>(name: string): FactKind<Data> => ({ name });

export const JOB_HANDLER = Symbol('JOB_HANDLER');

export interface HandlerNote {
  jobs: string[];
}

type Handler<Data> = (data: Data) => Promise<void>;

/** Marks the method that does a job. */
export function Handles<Data extends object>(job: JobKind<Data>) {
  return <H extends Handler<Data>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    SetMetadata(JOB_HANDLER, { jobs: [job.name] } satisfies HandlerNote)(target, key, descriptor);
  };
}

/** Marks the method that reacts to a fact; the job's name is `fact.subscriber`. */
export function Reacts<Data extends object>(subscriber: string, ...facts: FactKind<Data>[]) {
  return <H extends Handler<Data>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    SetMetadata(JOB_HANDLER, {
      jobs: facts.map((fact) => `${fact.name}.${subscriber}`),
    } satisfies HandlerNote)(target, key, descriptor);
  };
}
