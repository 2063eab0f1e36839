/** The one way to the API: typed by our OpenAPI document, signed in by the cookie, every failure an `ApiError`. */
import createClient, { type Middleware } from 'openapi-fetch';
import type { ErrorEnvelope, paths } from './schema';

/** Where the API is: beside the console, wherever that is served. */
export const API_URL = new URL('..', document.baseURI).href.replace(/\/$/, '');

/** What the server wants to see beside the cookie, which no page of another site can send. */
export const CONSOLE_HEADERS = { 'X-Datalinks-Console': '1' };

/** A refusal by the server, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly envelope: ErrorEnvelope,
  ) {
    super(envelope.message);
    this.name = 'ApiError';
  }

  /** Where in the request the mistake is, such as `$.name`; undefined if the server does not say. */
  get path(): string | undefined {
    const path = this.envelope.data?.path;
    return typeof path === 'string' ? path : undefined;
  }

  get isSignedOut(): boolean {
    return this.status === 401;
  }

  get isUnreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

let onSignedOut: () => void = () => {};

/** Has a function called whenever the server says that nobody is signed in any more. */
export function whenSignedOut(call: () => void): void {
  onSignedOut = call;
}

/** Says so where a request does not go through `api`. */
export const tellSignedOut = (): void => onSignedOut();

const asConsole: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(CONSOLE_HEADERS)) request.headers.set(name, value);
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== ('/console/session' as string)) onSignedOut();
    return response;
  },
};

export const api = createClient<paths>({
  baseUrl: API_URL,
  credentials: 'same-origin',
  // Lists in a query are written as the API reads them; nothing that is undefined or empty is sent.
  querySerializer: (query) =>
    new URLSearchParams(
      Object.entries(query ?? {})
        .filter(([, value]) => value !== undefined && value !== null && value !== '')
        .map(([name, value]) => [name, String(value)]),
    ).toString(),
});
api.use(asConsole);

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws an `ApiError` for a refusal or where there is no answer. */
export async function unwrap<T>(asked: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>;
  try {
    answered = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, { type: 'unreachable', message: 'The server does not answer. It is asked again by itself.' });
  }
  if (answered.response.ok) return answered.data as T;
  throw new ApiError(answered.response.status, asEnvelope(answered.error, answered.response));
}

/** The error envelope of an answer, or one of our own where something between us and the server answered. */
export function asEnvelope(body: unknown, response: Response): ErrorEnvelope {
  if (typeof body === 'object' && body !== null && 'message' in body) return body as ErrorEnvelope;
  return { type: 'unknown', message: `The server answered ${response.status} ${response.statusText}`.trim() };
}
