import { defineProblem, type FieldError } from './problem.js';

export const outsideKorea = defineProblem(
  422,
  'outside-korea',
  '대한민국 안의 위치만 볼 수 있어요.',
  'Only places in Korea are served.',
);

const notInKorea = (path: string): FieldError => ({
  path,
  code: 'outside-korea',
  message: { ko: '대한민국 밖이에요.', en: 'Outside of Korea.' },
});

export const placeOutsideKorea = () => outsideKorea({ errors: [notInKorea('lat'), notInKorea('lng')] });
