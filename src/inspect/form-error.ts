/** A text that is not of the form that it seemed to be, or of none. */
export class FormError extends Error {
  override readonly name = 'FormError';
  /** What may be done about it. */
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
