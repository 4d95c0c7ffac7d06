/**
 * What `npm run bench -- sockets` compares the service with: plain Socket.IO that passes positions on to a room, with
 * the token checked at the handshake and the same adapter, and nothing of what the product asks beyond it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import jwt from 'jsonwebtoken';
import { Server } from 'socket.io';

const { JWT_SECRET_KEY: secret = '', REDIS_URL: redisUrl = '' } = process.env;

const http = createServer();
const redis = new Redis(redisUrl, { replyMapping: 'legacy' });
const io = new Server(http, {
  transports: ['websocket'],
  adapter: createAdapter(redis, { streamName: 'bench-plain', channelPrefix: 'bench-plain' }),
});

const walks = io.of('/walk-together');
walks.use((socket, next) => {
  jwt.verify(socket.handshake.auth.token as string, secret, (error, claims) => {
    if (error) return next(error);
    socket.data = { userId: claims!.sub };
    next();
  });
});
walks.on('connection', (socket) => {
  const { userId } = socket.data as { userId: string };
  let room: string | null = null;
  socket.on('join', async ({ roomId }: { roomId: string }) => {
    await socket.join(roomId);
    room = roomId;
    socket.emit('joined', { roomId });
  });
  socket.on('position', (position: object) => {
    if (room) socket.to(room).emit('position', { ...position, userId, serverAt: new Date().toISOString() });
  });
});

http.listen(Number(process.env.PORT), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(http.address() as AddressInfo).port}\n`);
});
process.on('SIGTERM', () => {
  void redis.del('bench-plain').finally(() => process.exit());
});
