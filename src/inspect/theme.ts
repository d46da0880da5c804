/** What a piece of output is: a theme gives each its colour. */
export type ThemeRole =
  | 'type'
  | 'length'
  | 'id'
  | 'text'
  | 'property'
  | 'payload'
  | 'hidden'
  | 'malformed'
  | 'protocol'
  | 'odd'
  | 'dim';

/** Colours are the terminal's business: here they are functions from text to text. */
export type Theme = { readonly [R in ThemeRole]: (text: string) => string };

function same(text: string): string {
  return text;
}

/** No colours: words carry all the meaning. */
export const PLAIN_THEME: Theme = {
  type: same,
  length: same,
  id: same,
  text: same,
  property: same,
  payload: same,
  hidden: same,
  malformed: same,
  protocol: same,
  odd: same,
  dim: same,
};
