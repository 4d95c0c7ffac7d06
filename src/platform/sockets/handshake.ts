import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { z } from 'zod';
import { AccessTokens } from '../auth/access-tokens.js';
import { type Viewer, ViewerLookup } from '../auth/viewer.js';
import { logContext } from '../observability/context.js';
import { contextOf } from './socket-context.js';
import { accountLeaving, accountSuspended, rateLimited, unauthorized } from '../http/problem.js';
import { LimitStore } from '../limits/limit-store.js';
import { socketProblemOf } from './socket-problem.js';

/** What the protocol itself puts into the address. */
const PROTOCOL_QUERY: ReadonlySet<string> = new Set(['EIO', 'transport', 't', 'sid']);
const MAX_TOKEN_LENGTH = 2_000;

const auth = z.object({ token: z.string().max(MAX_TOKEN_LENGTH) });

/** Who is at the other end, for as long as the token is good. */
export interface SocketData {
  viewer: Viewer;
  tokenExpiresAtMs: number;
}

/** Nothing but the protocol in the address, so that no token ends up in a log on the way; browsers from our origins only. */
export function isAllowed({ url = '', headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { searchParams } = new URL(url, 'http://localhost');
  const isClean = [...searchParams.keys()].every((key) => PROTOCOL_QUERY.has(key));
  return isClean && (headers.origin === undefined || origins.includes(headers.origin));
}

/** Lets a socket in by the access token in `auth.token` of its handshake. */
@Injectable()
export class Handshake {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly viewers: ViewerLookup,
    private readonly limits: LimitStore,
  ) {}

  readonly middleware = (socket: Socket, next: (error?: Error) => void): void => {
    void logContext.run(contextOf(socket), () =>
      this.dataOf(socket).then(
        (data) => {
          socket.data = data;
          next();
        },
        (error: unknown) => next(refusal(error, socket)),
      ),
    );
  };

  private async dataOf({ handshake }: Socket): Promise<SocketData> {
    const parsed = auth.safeParse(handshake.auth);
    const claims = parsed.success ? this.tokens.verify(parsed.data.token) : null;
    if (!claims) throw unauthorized();
    if ((await this.limits.count('handshakes', claims.sub)).isBlocked) throw rateLimited();
    const viewer = await this.viewers.viewerOf(claims.sub, claims.sid);
    if (!viewer) throw unauthorized();
    if (viewer.isSuspended) throw accountSuspended();
    if (viewer.isLeaving) throw accountLeaving();
    return { viewer, tokenExpiresAtMs: claims.exp * 1_000 };
  }
}

/** The client reads `data` in its `connect_error`. */
export function refusal(error: unknown, socket: Socket): Error {
  const data = socketProblemOf(error, socket);
  return Object.assign(new Error(data.code), { data });
}
