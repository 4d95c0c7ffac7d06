import { join, resolve } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { HttpClient } from '../outbound/http-client.js';
import { DiskStorage } from './disk-storage.js';
import { FileDeletions } from './file-deletions.js';
import { FileLinks } from './file-links.js';
import { Storage } from './storage.js';

@Global()
@Module({
  providers: [
    FileLinks,
    FileDeletions,
    {
      provide: Storage,
      inject: [CONFIG, HttpClient],
      useFactory: async ({ dataDir, r2, outbound }: Config, http: HttpClient): Promise<Storage> => {
        if (!r2) return new DiskStorage(resolve(join(dataDir, 'files')));
        const { S3Storage } = await import('./s3-storage.js'); // heavy: only who has it waits for it
        return new S3Storage({ ...r2, ...outbound }, http);
      },
    },
  ],
  exports: [Storage, FileLinks, FileDeletions],
})
export class StorageModule {}
