/** Where in a form a refusal of the server belongs. */
import { ApiError } from '@/api/client';

const isAt = (error: Error | null, field: string): boolean =>
  error instanceof ApiError && (error.path === `$.${field}` || error.path === field);

/** What to show at a field of a form: the server's message if it names the field. */
export const errorAt = (error: Error | null, field: string): string | undefined =>
  error && isAt(error, field) ? error.message : undefined;

/** The error, if it belongs to none of the fields. */
export const errorElsewhere = (error: Error | null, fields: string[]): Error | null =>
  fields.some((field) => isAt(error, field)) ? null : error;
