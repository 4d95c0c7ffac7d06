const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
/** Each vowel comes without and with 27 final consonants. */
const FINALS = 28;

/** The name with its subject particle: 보리가, 콩순이가, 뭉. → 이 after a final consonant, 가 after a vowel. */
export function asSubject(name: string): string {
  const last = name.charCodeAt(name.length - 1);
  if (!(last >= FIRST_SYLLABLE && last <= LAST_SYLLABLE)) return `${name}이(가)`;
  return (last - FIRST_SYLLABLE) % FINALS === 0 ? `${name}가` : `${name}이`;
}
