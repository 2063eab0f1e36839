/** Whether the server is there. Whoever finds it missing says so here, and everybody waits together until it is back. */
import { API_URL } from './client';

const ASK_EVERY_MS = 2_000;
const listeners = new Set<(isThere: boolean) => void>();
let waiting: Promise<void> | undefined;

export async function isServerThere(): Promise<boolean> {
  const answer = await fetch(`${API_URL}/ready`).catch(() => null);
  return answer?.ok ?? false;
}

/** Resolves once the server answers again. */
export function untilServerIsThere(): Promise<void> {
  waiting ??= ask().finally(() => {
    waiting = undefined;
  });
  return waiting;
}

async function ask(): Promise<void> {
  for (const tell of listeners) tell(false);
  do await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  while (!(await isServerThere()));
  for (const tell of listeners) tell(true);
}

/** Has a function called when the server goes away and when it is back; returns how to stop that. */
export function whenPresenceChanges(call: (isThere: boolean) => void): () => void {
  listeners.add(call);
  return () => listeners.delete(call);
}
