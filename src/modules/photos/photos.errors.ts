import { defineProblem, payloadTooLarge, serviceUnavailable } from '../../platform/http/problem.js';

export const photoNotFound = defineProblem(
  404,
  'photo-not-found',
  '사진을 찾을 수 없어요.',
  'Photo not found.',
);
export const fileNotFound = defineProblem(
  404,
  'file-not-found',
  '파일을 찾을 수 없어요. 새로고침해 주세요.',
  'File not found. Please refresh.',
);
export const uploadNotFound = defineProblem(
  404,
  'upload-not-found',
  '올리던 사진을 찾을 수 없어요. 다시 올려 주세요.',
  'No such upload. Please start again.',
);
export const uploadNotReceived = defineProblem(
  409,
  'upload-not-received',
  '사진 파일이 아직 도착하지 않았어요.',
  'The file has not been received yet.',
);
export const uploadDiffers = defineProblem(
  422,
  'upload-differs',
  '처음에 알려 준 파일의 크기나 형식과 달라요.',
  'The file is not of the size or type that was announced.',
);
export const tooManyUploads = defineProblem(
  429,
  'too-many-uploads',
  '올리고 있는 사진이 너무 많아요. 조금 뒤에 다시 시도해 주세요.',
  'Too many uploads at once. Please try again shortly.',
);
export const tooManyPhotos = defineProblem(
  409,
  'too-many-photos',
  '산책 하나에는 사진을 10장까지 올릴 수 있어요.',
  'A walk takes up to 10 photos.',
);
export const heicNotSupported = defineProblem(
  415,
  'heic-not-supported',
  'HEIC 사진은 올릴 수 없어요. JPEG로 바꿔 올리거나, 아이폰 설정의 카메라 > 포맷에서 "높은 호환성"을 골라 주세요.',
  'HEIC photos are not supported. Please send a JPEG (on an iPhone: Settings > Camera > Formats > Most Compatible).',
);
export const imageTypeNotSupported = defineProblem(
  415,
  'image-type-not-supported',
  'JPEG, PNG, WebP 사진만 올릴 수 있어요.',
  'Only JPEG, PNG and WebP images are supported.',
);
export const imageBroken = defineProblem(
  422,
  'image-broken',
  '사진 파일이 손상되어 읽을 수 없어요.',
  'The image is broken.',
);
export const imageTooLarge = defineProblem(
  422,
  'image-too-large',
  '사진이 너무 커요. 5천만 화소까지 올릴 수 있어요.',
  'The image has too many pixels: up to 50 megapixels.',
);
export const storageUnavailable = defineProblem(
  503,
  'storage-unavailable',
  '사진 저장소에 잠시 연결할 수 없어요. 조금 뒤에 다시 시도해 주세요.',
  'The photo storage cannot be reached. Please try again shortly.',
);

/** What any picture may be refused for. */
export const REFUSALS = [
  payloadTooLarge,
  heicNotSupported,
  imageTypeNotSupported,
  imageBroken,
  imageTooLarge,
  storageUnavailable,
  serviceUnavailable,
];
