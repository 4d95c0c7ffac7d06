/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

type Value = string | number | Html | Value[];

/** A template whose values are escaped, for texts and for attributes in double quotes; only what is `Html` is not. */
export const markup = (parts: TemplateStringsArray, ...values: Value[]): Html =>
  new Html(String.raw({ raw: parts }, ...values.map(escaped)));

function escaped(value: Value): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join('');
  return String(value).replace(/[&<>"'`=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
