import type { Localized } from '../../platform/http/problem.js';
import type { BadgeDefinition } from './badge-table.js';

interface Text {
  title: Localized;
  body: Localized;
}

export const earnedText = ({ name }: BadgeDefinition): Text => ({
  title: { ko: '새 뱃지를 받았어요', en: 'You earned a badge' },
  body: {
    ko: `‘${name.ko}’ 뱃지가 도착했어요. 오늘도 함께 걸어 줘서 고마워요!`,
    en: `“${name.en}” is yours. Thank you for walking together!`,
  },
});

export const deadlineText = ({ name }: BadgeDefinition, walksMissing: number, daysLeft: number): Text => ({
  title: { ko: `‘${name.ko}’ ${daysLeft}일 남았어요`, en: `“${name.en}”: ${plural(daysLeft, 'day')} left` },
  body: {
    ko: `산책 ${walksMissing}번이면 뱃지를 받을 수 있어요. 조금만 더 걸어 볼까요?`,
    en: `${plural(walksMissing, 'more walk')} and the badge is yours.`,
  },
});

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
