import { join, resolve } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { HttpClient } from '../outbound/http-client.js';
import { DiskStorage } from './disk-storage.js';
import { FileDeletions } from './file-deletions.js';
import { FileLinks } from './file-links.js';
import { S3Storage } from './s3-storage.js';
import { Storage } from './storage.js';

@Global()
@Module({
  providers: [
    FileLinks,
    FileDeletions,
    {
      provide: Storage,
      inject: [CONFIG, HttpClient],
      useFactory: ({ dataDir, r2, outbound }: Config, http: HttpClient): Storage =>
        r2 ? new S3Storage({ ...r2, ...outbound }, http) : new DiskStorage(resolve(join(dataDir, 'files'))),
    },
  ],
  exports: [Storage, FileLinks, FileDeletions],
})
export class StorageModule {}
