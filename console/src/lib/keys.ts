/** Keys: the names that programs use. */
const MAX_LENGTH = 100;

/** The key that the server would make of a name: lower case, words joined by `-`; empty if nothing of it is left. */
export function suggestKey(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  return [...words.join('-')].slice(0, MAX_LENGTH).join('').replace(/-+$/, '');
}
