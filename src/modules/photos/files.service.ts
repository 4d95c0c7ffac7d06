import { Injectable, StreamableFile } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { FileLinks } from '../../platform/storage/file-links.js';
import { Storage } from '../../platform/storage/storage.js';
import { MEDIA_TYPE } from './images.js';
import { reaching, versionIn } from './photo-files.js';
import { fileNotFound } from './photos.errors.js';
import { findFolder } from './photos.queries.js';

const MAX_AGE_S = 3_600;
const STORAGE_LINK_S = 60;

/** Photos on their way out. */
@Injectable()
export class Files {
  constructor(
    private readonly db: Database,
    private readonly storage: Storage,
    private readonly links: FileLinks,
  ) {}

  /** The link says who was given it; what they may see is asked now. @throws file-not-found, storage-unavailable */
  async open(token: string) {
    const link = this.links.read(token);
    const found = link && (await findFolder(this.db, link.viewerId, link.fileId));
    if (!found) throw fileNotFound();
    const key = versionIn(found.folder, link.sizePx);
    // The storage tells when a file was put there, and so when somebody was at a visible point of their walk.
    const location = found.isOwn && (await this.storage.directDownload(key, STORAGE_LINK_S));
    if (location) return { status: 302, headers: { location }, file: new StreamableFile(Buffer.alloc(0)) };
    const bytes = await reaching(this.storage.get(key));
    if (!bytes) throw fileNotFound();
    const maxAgeS = Math.min(link.secondsLeft, MAX_AGE_S);
    return {
      status: 200,
      headers: {
        'cache-control': `private, max-age=${maxAgeS}`,
        'content-disposition': 'inline',
        'x-content-type-options': 'nosniff',
      },
      file: new StreamableFile(bytes, { type: MEDIA_TYPE, length: bytes.length }),
    };
  }
}
