/** The version of package.json; tidy holds both equal. */
export const VERSION = '0.1.0';
