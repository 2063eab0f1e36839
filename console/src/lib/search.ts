/** What an address may carry, read without trust: anything else is left out. */
type Read<T> = (value: unknown) => T | undefined;

export const text: Read<string> = (value) =>
  typeof value === 'string' ? value || undefined : typeof value === 'number' ? String(value) : undefined;
export const flag: Read<true> = (value) => (value === true || value === 'true' ? true : undefined);
export const oneOf =
  <const T extends string>(...allowed: T[]): Read<T> =>
  (value) =>
    allowed.find((each) => each === value);

/** Reads an address's search by a table of readers. */
export function readSearch<S extends Record<string, Read<unknown>>>(readers: S) {
  return (search: Record<string, unknown>): { [K in keyof S]?: Exclude<ReturnType<S[K]>, undefined> } => {
    const found: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(readers)) {
      const value = read(search[name]);
      if (value !== undefined) found[name] = value;
    }
    return found as never;
  };
}

/** The search of an address as text: an id such as `12345678901234567890` must not become a number. */
export const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));

export function stringifySearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
