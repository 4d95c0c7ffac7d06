import type { FastifyReply } from 'fastify';

/** How the services behind data.go.kr fail; PROVIDERS.md §7. What is of the network is in `simulator.ts`. */
export type PublicDataFailure =
  /** The gateway's classic form: XML with 200, whatever was asked for. */
  | 'xml-200'
  | 'json-403'
  | 'text-401'
  /** The day's calls are used up. */
  | 'quota'
  | 'quota-429'
  /** Too many in this second. */
  | 'too-fast'
  | 'no-data-yet'
  | 'database-error'
  /** Good news without any: `items` is `""`. */
  | 'empty-items'
  /** Only one item, and that not in a list. */
  | 'single-object';

const NAMES: Record<string, string> = {
  '22': 'LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR',
  '23': 'LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR',
  '30': 'SERVICE_KEY_IS_NOT_REGISTERED_ERROR',
};

export function gatewayXml(reply: FastifyReply, code: keyof typeof NAMES, status = 200) {
  return reply
    .code(status)
    .type('text/xml;charset=UTF-8')
    .send(
      `<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>${NAMES[code]}</returnAuthMsg><returnReasonCode>${code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>`,
    );
}

const gatewayJson = (reply: FastifyReply, code: keyof typeof NAMES, status: number) =>
  reply.code(status).send({
    OpenAPI_ServiceResponse: {
      cmmMsgHeader: { errMsg: 'SERVICE ERROR', returnAuthMsg: NAMES[code], returnReasonCode: code },
    },
  });

/** A service's own error: its envelope without a body. */
export const serviceError = (reply: FastifyReply, resultCode: string, resultMsg: string) =>
  reply.send({ response: { header: { resultCode, resultMsg } } });

export interface Page {
  pageNo: number;
  numOfRows: number;
}

export function pageOf<T>(all: readonly T[], { pageNo, numOfRows }: Page): T[] {
  return all.slice((pageNo - 1) * numOfRows, pageNo * numOfRows);
}

/** Plays a failure that needs no items; false for those that do. */
export function playFailure(reply: FastifyReply, failure: PublicDataFailure): boolean {
  if (failure === 'xml-200') gatewayXml(reply, '30');
  else if (failure === 'json-403') gatewayJson(reply, '30', 403);
  else if (failure === 'text-401') reply.code(401).type('text/plain').send('Unauthorized');
  else if (failure === 'quota') gatewayXml(reply, '22');
  else if (failure === 'quota-429') gatewayJson(reply, '22', 429);
  else if (failure === 'too-fast') gatewayJson(reply, '23', 429);
  else if (failure === 'no-data-yet') serviceError(reply, '03', 'NO_DATA');
  else if (failure === 'database-error') serviceError(reply, '02', 'DB_ERROR');
  else return false;
  return true;
}

export interface FailureMatch {
  /** Part of the path, such as the operation; absent: all. */
  path?: string;
  /** How many requests it hits; absent: all, until `reset()`. */
  times?: number;
}

/** Failures in the order in which they were added. */
export function failures() {
  let added: { failure: PublicDataFailure; match: FailureMatch; left: number }[] = [];
  return {
    add: (failure: PublicDataFailure, match: FailureMatch = {}) =>
      void added.push({ failure, match, left: match.times ?? Infinity }),
    clear: () => void (added = []),
    take(path: string): PublicDataFailure | undefined {
      const found = added.find(({ match, left }) => left > 0 && path.includes(match.path ?? ''));
      if (found) found.left--;
      return found?.failure;
    },
  };
}

/** An instant as `[YYYYMMDD, HHmm]` of Korea. */
export function kstParts(atMs: number): [date: string, time: string] {
  const text = new Date(atMs + 9 * 3_600_000).toISOString();
  return [text.slice(0, 10).replaceAll('-', ''), text.slice(11, 16).replace(':', '')];
}
