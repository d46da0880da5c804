/** Names of the codec within its messages, as a person writes them: `clientId` is `client id`. */
export function plainWords(text: string): string {
  return text.replaceAll(/\b[a-z]+(?:[A-Z][a-z0-9]*)+\b/g, (name) =>
    name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(/\bqos\b/g, 'QoS'),
  );
}

/** The same name for a program: `clientId` is `client_id`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
