import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.js';
import { randomToken } from './secrets.js';

interface LocalSecrets {
  jwtSecret: string;
  encryptionKey: string;
}

/**
 * Outside production nobody has to invent secrets: random ones are made at the first start and kept in the
 * data folder, so that a restart does not log everybody out.
 */
export async function withLocalSecrets(config: Config): Promise<Config> {
  if (config.jwt.secret && config.encryptionKey) return config;
  const { jwtSecret, encryptionKey } = await readOrMake(join(config.dataDir, 'secrets.json'));
  return {
    ...config,
    encryptionKey: config.encryptionKey ?? encryptionKey,
    jwt: { ...config.jwt, secret: config.jwt.secret ?? jwtSecret },
  };
}

async function readOrMake(path: string): Promise<LocalSecrets> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LocalSecrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made: LocalSecrets = { jwtSecret: randomToken(), encryptionKey: randomToken() };
  await mkdir(join(path, '..'), { recursive: true });
  try {
    await writeFile(path, JSON.stringify(made), { mode: 0o600, flag: 'wx', flush: true });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return JSON.parse(await readFile(path, 'utf8')) as LocalSecrets; // a process that started beside this one was first
  }
}
