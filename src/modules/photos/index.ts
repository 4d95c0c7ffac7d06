export { PHOTOS } from './photo-files.js';
export { deleteOrphanFiles, forgetUploads } from './photos.jobs.js';
export { PhotosModule } from './photos.module.js';
export { ownerOfVisiblePhoto, releaseEvidence } from './photos.queries.js';
export { Photos } from './photos.service.js';
