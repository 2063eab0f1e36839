/** The title of the browser's tab. */
import { useEffect } from 'react';

/** Says in the browser's tab what is shown. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Datalinks`;
  }, [title]);
}
