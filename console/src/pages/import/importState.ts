/** Where an import is. It outlives the page, so that signing in again in the midst of it loses nothing. */
import { useCallback, useRef, useState } from 'react';
import type { ImportReport } from '@/api/schema';
import { useSession } from '@/api/session';
import type { Opened } from './head';
import type { Mapping } from './mapping';
import type { Prepared } from './prepare';

export type Step = 'file' | 'map' | 'check' | 'run';

/** What a check found out, and what is sent then. */
export interface Checked {
  prepared: Prepared;
  report: ImportReport;
}

/** A file on its way into the instance. */
export interface Run {
  importId: string;
  isRunning: boolean;
  /** When the file was sent last, and how many rows were done by then. */
  startedAt: number;
  rowsBefore: number;
  /** Why it stopped; absent when it was cancelled. */
  error?: Error;
  /** What came of it at last. */
  report?: ImportReport;
}

export interface ImportState {
  step: Step;
  opened?: Opened;
  mapping?: Mapping;
  /** Another one for every check that is asked for. */
  checkId?: string;
  checked?: Checked;
  run?: Run;
}

const kept = new Map<string, ImportState>();
const NEW: ImportState = { step: 'file' };

export function useImportState(instance: string) {
  const { workspace, customer } = useSession();
  // Whoever signs in next must not see the file of another.
  const key = JSON.stringify([instance, workspace.id, customer?.id]);
  const [state, setState] = useState(() => kept.get(key) ?? NEW);
  const current = useRef(state);
  // Kept outside of React as well, as an upload may end after the page is gone.
  const update = useCallback(
    (change: Partial<ImportState>) => {
      current.current = { ...current.current, ...change };
      kept.set(key, current.current);
      setState(current.current);
    },
    [key],
  );
  const reset = useCallback(() => {
    current.current = NEW;
    kept.delete(key);
    setState(NEW);
  }, [key]);
  return { state, update, reset };
}
