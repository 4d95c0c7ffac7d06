import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Card } from './cards.service.js';
import type { Page } from './page/share-page.js';

export interface FileAnswer {
  status: number;
  headers: Record<string, string>;
  mediaType: string;
  bytes: Buffer;
}

/** The picture; 304 with nothing for whoever has this very one. To be asked again each time: it follows the walk. */
export async function cardAnswer(card: Card, ifNoneMatch: string | undefined): Promise<FileAnswer> {
  const headers = { etag: card.etag, 'cache-control': 'private, no-cache' };
  const isKnown = (ifNoneMatch ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === card.etag);
  if (isKnown) return { status: 304, headers, mediaType: 'image/png', bytes: Buffer.alloc(0) };
  return { status: 200, headers, mediaType: 'image/png', bytes: await card.png() };
}

export const pageAnswer = ({ status, headers, html }: Page): FileAnswer => ({
  status,
  headers,
  mediaType: 'text/html; charset=utf-8',
  bytes: Buffer.from(html),
});

export function sendFile(reply: FastifyReply, { status, headers, mediaType, bytes }: FileAnswer) {
  void reply.code(status).headers(headers);
  return new StreamableFile(bytes, { type: mediaType, length: bytes.length || undefined });
}
