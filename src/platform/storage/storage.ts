/** What keys are made of: no `.` alone, nothing that leads out of the folder. */
const KEY = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.-]+(?:\/[\w.-]+)*\/?$/;

/** @throws Error for what is no key: keys are made by the app, never by a client */
export function checkedKey(key: string): string {
  if (!KEY.test(key)) throw new Error('Not a storage key');
  return key;
}

/** Of a file that is being written to a disk, until it has its name. */
const DRAFT = '.part';
export const draftOf = (key: string, id: string): string => `${key}.${id}${DRAFT}`;
export const isDraft = (key: string): boolean => key.endsWith(DRAFT);

/** A file as it is kept; what it holds is read separately. */
export interface StoredFile {
  key: string;
  sizeBytes: number;
  modifiedAt: Date;
}

/** Leave to put one file of exactly this type and size there, for a client that does not pass the app. */
export interface DirectUpload {
  url: string;
  /** The client has to send exactly these. */
  headers: Record<string, string>;
}

/**
 * Files under keys such as `photos/<random>/320.webp`. A file that is not there is null, as in a map; a storage that
 * cannot be reached is an OutboundError.
 */
export abstract class Storage {
  /** Asks whether files can be kept now. @throws Error when they cannot */
  abstract ping(): Promise<void>;
  abstract put(key: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  /** @param maxBytes a bigger file is read as if it were not there */
  abstract get(key: string, maxBytes?: number): Promise<Buffer | null>;
  abstract head(key: string): Promise<StoredFile | null>;
  /** Deletes a file, or with a key that ends with `/` all below it. What is not there is deleted already. */
  abstract delete(keyOrFolder: string): Promise<void>;
  /** All files below a folder (`photos/`), in the order of their keys. */
  abstract list(folder: string): AsyncIterable<StoredFile>;
  /** Null where clients cannot reach the storage: they send the file to the app then. */
  abstract directUpload(
    key: string,
    mediaType: string,
    sizeBytes: number,
    expiresInS: number,
  ): Promise<DirectUpload | null>;
  /** An address that shows the file for a while; null where the app has to send it itself. */
  abstract directDownload(key: string, expiresInS: number): Promise<string | null>;
}
