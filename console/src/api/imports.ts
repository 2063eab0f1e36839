/** Imports of files into an instance. */
import { queryOptions } from '@tanstack/react-query';
import { API_URL, ApiError, api, asEnvelope, CONSOLE_HEADERS, tellSignedOut, unwrap } from './client';
import type { ImportReport } from './schema';

/** How far an import has come; null before anything is written. */
export const importProgressQuery = (instance: string, importId: string) =>
  queryOptions({
    queryKey: ['imports', instance, importId],
    staleTime: 0,
    queryFn: async ({ signal }): Promise<ImportReport | null> => {
      const params = { path: { selector: instance, import_id: importId } };
      try {
        return await unwrap(api.GET('/data-link-tables/{selector}/links/imports/{import_id}', { params, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

export interface Upload {
  instance: string;
  body: Blob;
  mediaType: string;
  /** Of the route's query, as the API names them. */
  options: Record<string, string>;
  signal: AbortSignal;
  /** Called with the share of the file that is sent, 0 to 1. */
  onSent?: (share: number) => void;
}

/** Sends a file. Not by `fetch`, which does not say how much of it is sent. */
export function sendFile({ instance, body, mediaType, options, signal, onSent }: Upload): Promise<ImportReport> {
  const query = new URLSearchParams({ ignoreUnknownColumns: 'true', ...options });
  const request = new XMLHttpRequest();
  request.open('POST', `${API_URL}/data-link-tables/${encodeURIComponent(instance)}/links/import?${query}`);
  request.responseType = 'text';
  for (const [name, value] of Object.entries(CONSOLE_HEADERS)) request.setRequestHeader(name, value);
  request.setRequestHeader('content-type', mediaType);
  return new Promise((resolve, reject) => {
    const abort = () => request.abort();
    const aborted = () => new DOMException('The import was cancelled.', 'AbortError');
    request.upload.onprogress = (event) => onSent?.(event.total ? event.loaded / event.total : 1);
    request.onload = () => {
      const answer = asJson(request.responseText);
      if (request.status === 200) return resolve(answer as ImportReport);
      reject(new ApiError(request.status, asEnvelope(answer, new Response(null, statusOf(request)))));
      if (request.status === 401) tellSignedOut();
    };
    request.onerror = async () => reject(await lostWhile(body));
    request.onabort = () => reject(aborted());
    request.onloadend = () => signal.removeEventListener('abort', abort);
    if (signal.aborted) return reject(aborted());
    signal.addEventListener('abort', abort);
    request.send(body);
  });
}

const statusOf = ({ status, statusText }: XMLHttpRequest) => ({ status: Math.max(200, status), statusText });

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Why there was no answer: the file may have changed under our hands, which the browser refuses to send. */
async function lostWhile(body: Blob): Promise<ApiError> {
  const isReadable = await body
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
  return isReadable
    ? new ApiError(0, { type: 'unreachable', message: 'The connection to the server broke off.' })
    : new ApiError(0, { type: 'unreadable', message: 'The file was changed or deleted meanwhile: choose it again.' });
}
