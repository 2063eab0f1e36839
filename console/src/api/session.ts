/** Who is signed in. The token itself is in a cookie that scripts cannot read. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { API_URL, ApiError, asEnvelope, CONSOLE_HEADERS } from './client';

export interface Session {
  workspace: { id: string; key: string; name: string };
  isAdmin: boolean;
  /** The customer that the session is for; null for an admin. */
  customer: { id: string; internalId: string; name: string } | null;
  expiresAt: string;
}

export type Credentials = { token: string } | { workspaceKey: string; workspaceSecret: string };

async function ask(method: string, body?: Credentials): Promise<Response> {
  const headers = body ? { ...CONSOLE_HEADERS, 'content-type': 'application/json' } : CONSOLE_HEADERS;
  let answer: Response;
  try {
    answer = await fetch(`${API_URL}/console/session`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError(0, { type: 'unreachable', message: 'The server does not answer.' });
  }
  if (!answer.ok) throw new ApiError(answer.status, asEnvelope(await answer.json().catch(() => null), answer));
  return answer;
}

/** The session, or null if nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return await (await ask('GET')).json();
    } catch (error) {
      if (error instanceof ApiError && error.isSignedOut) return null;
      throw error;
    }
  },
});

/** The session of a page behind the sign-in. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('Nobody is signed in.');
  return data;
}

export const signIn = async (credentials: Credentials): Promise<Session> => (await ask('POST', credentials)).json();

export const signOut = async (): Promise<void> => {
  await ask('DELETE');
};
