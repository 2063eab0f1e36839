/** JSON that people write into forms. */

export type JsonObject = Record<string, unknown>;

/** A value as it is shown for editing; nothing is an empty text. */
export const writeJson = (value: unknown): string =>
  value === null || value === undefined ? '' : JSON.stringify(value, null, 2);

/** The object that a text says, null for an empty text. Throws an error that can be shown at the field. */
export function readJsonObject(text: string): JsonObject | null {
  if (!text.trim()) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('This must be a JSON object: {"name": "value"}.');
  }
  return value as JsonObject;
}

/** What is wrong with a text as a JSON object, or undefined. */
export function jsonMistake(text: string): string | undefined {
  try {
    readJsonObject(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
