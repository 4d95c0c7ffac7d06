import { z } from 'zod';
import { PhotoKind } from '../../generated/prisma/enums.js';
import { fileIn, MAX_FILE_BYTES } from '../../platform/http/file-body.js';
import { asciiToken, id, instant, lat, lng } from '../../platform/http/schemas.js';
import { pictureUrls } from '../../platform/storage/file-links.js';

export const fileToken = asciiToken(200);
export const uploadToken = asciiToken(300);

export const walkPhotoIn = z.strictObject({ file: fileIn });
export type WalkPhotoIn = z.output<typeof walkPhotoIn>;

export const walkPhotoUpload = z.strictObject({ walkId: id, file: fileIn });
export type WalkPhotoUpload = z.output<typeof walkPhotoUpload>;

export const petProfileUpload = z.strictObject({ petId: id, file: fileIn });
export type PetProfileUpload = z.output<typeof petProfileUpload>;

const announced = {
  mediaType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
  sizeBytes: z.int().min(1).max(MAX_FILE_BYTES),
};
export const presignIn = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('walk_photo'), walkId: id, ...announced }),
  z.strictObject({ kind: z.literal('pet_profile'), petId: id, ...announced }),
]);
export type PresignIn = z.output<typeof presignIn>;

export const presigned = z
  .object({
    uploadId: id,
    method: z.literal('PUT'),
    url: z.string(),
    headers: z.record(z.string(), z.string()).meta({ description: '이대로 보내야 하는 헤더' }),
    expiresAt: instant,
  })
  .meta({ id: 'PresignedUpload' });

export const completeIn = z.strictObject({ uploadId: id });
export type CompleteIn = z.output<typeof completeIn>;

export const photo = z
  .object({
    id,
    kind: z.enum(PhotoKind),
    walkId: id.nullable(),
    petId: id.nullable(),
    mine: z.boolean(),
    ...pictureUrls,
    widthPx: z.int(),
    heightPx: z.int(),
    takenAt: instant.nullable().meta({ description: '산책 중 찍은 때; 주인에게만 보인다' }),
    position: z
      .object({ lat, lng })
      .nullable()
      .meta({ description: '산책 경로 위의 찍은 곳; 남에게는 공개된 경로 위에서만 보인다' }),
    isHidden: z.boolean().meta({ description: '운영자가 가린 사진; 주인에게만 보인다' }),
  })
  .meta({ id: 'Photo' });

export const photosOfWalk = z.object({ items: z.array(photo) });
