/**
 * This side was asked to send what the standard forbids: the caller's bug or, where a person chose
 * the value, theirs. The peer has no part in it, so that it is no `ProtocolError`.
 */
export class UnsendableError extends Error {
  override readonly name = 'UnsendableError';
}
