import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PRISMA_DIR } from './database/migrations.js';

/** The program's own `package.json`, wherever the process was started. */
export async function ownPackage(): Promise<{ name: string; version: string }> {
  const text = await readFile(join(PRISMA_DIR, '..', 'package.json'), 'utf8');
  return JSON.parse(text) as { name: string; version: string };
}
