import type { Socket } from 'socket.io';
import { v7 as uuidv7 } from 'uuid';
import { givenRequestId, type LogContext } from '../observability/context.js';

const contexts = new WeakMap<object, LogContext>();

/** What a connection's messages belong to: the request that opened it, and an id of its own. Socket.IO's ids are not logged. */
export function contextOf({ conn, handshake }: Pick<Socket, 'conn' | 'handshake'>): LogContext {
  const known = contexts.get(conn);
  if (known) return known;
  const requestId = givenRequestId(handshake.headers['x-request-id']) ?? uuidv7();
  const context = { requestId, fields: { reqId: requestId, connectionId: uuidv7() } };
  contexts.set(conn, context);
  return context;
}
