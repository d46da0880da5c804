/** A promise that the test keeps. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let keep = () => {};
  const promise = new Promise<void>((resolve) => {
    keep = resolve;
  });
  return { promise, resolve: () => keep() };
}
