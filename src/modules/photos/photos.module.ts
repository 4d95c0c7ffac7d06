import { Module } from '@nestjs/common';
import { WalksModule } from '../walks/index.js';
import { Files } from './files.service.js';
import { Images } from './images.js';
import { PhotoFiles } from './photo-files.js';
import { PhotosController } from './photos.controller.js';
import { PhotoJobs } from './photos.handlers.js';
import { Photos } from './photos.service.js';
import { UploadsController } from './uploads.controller.js';
import { Uploads } from './uploads.service.js';

@Module({
  imports: [WalksModule],
  controllers: [PhotosController, UploadsController],
  providers: [Photos, Uploads, Files, PhotoFiles, Images, PhotoJobs],
  exports: [Photos],
})
export class PhotosModule {}
