/**
 * What the standards advise against in any text (sections 1.5.4 and 1.5.3 of 3.1.1) and let a
 * receiver refuse: control characters, and code points that are no characters.
 */
const ODD = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** Where a text has such a character, in UTF-16 units; undefined if it has none. */
export function findOddCharacter(text: string): number | undefined {
  const index = text.search(ODD);
  return index < 0 ? undefined : index;
}
