import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { smallPostgis } from './postgis-bundle.js';

/**
 * PostgreSQL + PostGIS inside the process: the default for trying the app and for tests.
 * It has one connection, so everybody waits while a transaction is open.
 * @param dataDir a folder, or undefined for memory
 * @throws Error when another process has the folder open: two would destroy it
 */
export async function openEmbedded(dataDir?: string): Promise<PGlite> {
  const release = dataDir && (await holdFolder(dataDir));
  const lite = await PGlite.create({ dataDir, extensions: { postgis: smallPostgis } });
  if (release) {
    const close = lite.close.bind(lite);
    lite.close = async () => {
      await close();
      release();
    };
  }
  return lite;
}

/**
 * Holds the folder by listening under its name: the system gives the name back even after `kill -9`.
 * @returns what gives it back
 * @throws Error when another process holds it
 */
export async function holdFolder(dataDir: string): Promise<() => void> {
  await mkdir(dataDir, { recursive: true });
  const name = `withbowwow-${createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex')
    .slice(0, 16)}`;
  const path = addressOf(name);
  const server = await listen(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || (await answers(path)))
      throw new Error(`${dataDir} is in use by another process.`);
    await rm(path, { force: true });
    return listen(path);
  });
  server.unref();
  return () => server.close();
}

/** Linux and Windows forget the name with the process; elsewhere a file remains, which nobody answers at. */
function addressOf(name: string): string {
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

function listen(path: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', fail).listen(path, () => done(server));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path, () => done(true)).on('error', () => done(false));
    socket.on('connect', () => socket.destroy());
  });
}
