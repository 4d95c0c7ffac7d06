/** "Never in a log line", examined: each line that the app logs in a test goes through a `LeakWatch`. */

/** What must not be logged whoever made it. */
const PATTERNS: readonly [kind: string, pattern: RegExp][] = [
  ['JWS', /eyJ[\w-]{10,}\.(?:eyJ)?[\w-]{10,}/],
  ['bearer token', /\bBearer\s+[\w.~+/=-]{8,}/i],
  ['basic credential', /\bBasic\s+[A-Za-z0-9+/=]{12,}/],
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['masked card number', /\d{4}[\d -]*\*{2,}[\d*]*/],
];
/** As cards begin; a hexadecimal neighbour means that it is a part of an id. */
const CARD = /(?<![\da-f-])(?:[3-69]\d|2[2-7])\d{2}([ -]?)\d{4}\1\d{4}\1\d{1,4}(?![\da-f])/g;
/** What secrets are found by: their longest part of these characters. */
const PART = /[\w-]{8,}/g;
const KEPT_LEAKS = 5;
const KEPT_ERRORS = 1_000;

/** By their longest part: the secrets that simulators have handed out in this process. */
const secrets = new Map<string, Set<string>>();

/** Whoever hands out a key, token, code or customer key names it here, once: no line may contain it from now on. */
export function secret<T extends string>(value: T): T {
  const longest = [...value.matchAll(PART)].map(([part]) => part).sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) throw new Error('Too short to be told from other words');
  const known = secrets.get(longest);
  if (known) known.add(value);
  else secrets.set(longest, new Set([value]));
  return value;
}

/** A destination of a log: prints nothing, and keeps what leaked and the errors that tests ask for. */
export class LeakWatch {
  lines = 0;
  private readonly errorLines: string[] = [];
  private readonly leaks: string[] = [];

  /** The last errors, as they were logged: a sentence (`msg`) plus fields. */
  get errors(): Record<string, unknown>[] {
    return this.errorLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  write(line: string): void {
    this.lines++;
    if (line.includes('"level":"error"')) {
      this.errorLines.push(line);
      if (this.errorLines.length > KEPT_ERRORS) this.errorLines.shift();
    }
    const kind = leakIn(line);
    if (kind && this.leaks.length < KEPT_LEAKS) this.leaks.push(`${kind}: ${masked(line)}`);
  }

  /** @throws Error that names what leaked, and its line without the secret */
  check(): void {
    if (this.leaks.length > 0) throw new Error(`Secrets were logged:\n${this.leaks.join('\n')}`);
  }
}

/** @returns the kind of the first leak, null for a clean line */
export function leakIn(line: string): string | null {
  for (const [kind, pattern] of PATTERNS) if (pattern.test(line)) return kind;
  for (const [digits] of line.matchAll(CARD))
    if (isCardNumber(digits.replaceAll(/\D/g, ''))) return 'card number';
  if (secrets.size > 0)
    for (const [part] of line.matchAll(PART))
      for (const value of secrets.get(part) ?? []) if (line.includes(value)) return 'secret of a simulator';
  return null;
}

/** ISO/IEC 7812: 13 to 19 digits, the last of which is the Luhn check digit. */
function isCardNumber(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const masked = (line: string): string => line.replace(/\d/g, '#').replace(/[\w+/=*#.-]{12,}/g, '…');
