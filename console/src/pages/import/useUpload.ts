/** Sends a file and keeps what comes of it in the state of the import. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { importProgressQuery, sendFile } from '@/api/imports';
import { sessionQuery } from '@/api/session';
import type { ImportState } from './importState';
import type { Prepared } from './prepare';
import { rowsDone } from './progress';

/** What the API is asked about a file, besides the file itself. */
export const optionsOf = ({ direction, appColumn, externalColumn, directionColumn }: Prepared) => ({
  direction,
  appColumn,
  externalColumn,
  directionColumn,
});

class SessionEnded extends Error {
  constructor() {
    super('Your session ended while the file was being imported.');
  }
}

export function useUpload(instance: string, update: (change: Partial<ImportState>) => void) {
  const queries = useQueryClient();
  const [sent, setSent] = useState(0);
  const upload = useRef<AbortController>(undefined);
  const cancel = useCallback(() => upload.current?.abort(), []);
  useEffect(() => cancel, [cancel]);

  /** Why an upload stopped; undefined where a person wanted it to. */
  const whyStopped = (error: Error): Error | undefined => {
    // The page of a session that has ended is left, which cancels what it sends.
    if (queries.getQueryData(sessionQuery.queryKey) === null) return new SessionEnded();
    return error.name === 'AbortError' ? undefined : error;
  };

  const send = async (prepared: Prepared, importId: string) => {
    cancel();
    upload.current = new AbortController();
    const progress = queries.getQueryData(importProgressQuery(instance, importId).queryKey);
    const run = { importId, startedAt: Date.now(), rowsBefore: rowsDone(progress) };
    setSent(0);
    update({ step: 'run', run: { ...run, isRunning: true } });
    try {
      const report = await sendFile({
        instance,
        body: prepared.body,
        mediaType: prepared.mediaType,
        options: { ...optionsOf(prepared), importId },
        signal: upload.current.signal,
        onSent: setSent,
      });
      update({ run: { ...run, isRunning: false, report } });
    } catch (error) {
      update({ run: { ...run, isRunning: false, error: whyStopped(error as Error) } });
    }
    // Links are there that were not, also where the import stopped.
    await queries.invalidateQueries();
  };
  return { send, cancel, sent };
}
