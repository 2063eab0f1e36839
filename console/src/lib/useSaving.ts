/** The request of a form, and what follows it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { tellDone } from './notify';

interface Saving<T> {
  save: () => Promise<T>;
  /** What is said when it is done. */
  message: (saved: T) => string;
  /** Where to go then: the form has nothing to do any more. */
  onSaved: (saved: T) => unknown;
}

/** Saves what a form holds, says so and has everything that is shown read again, as much of it may tell of this. */
export function useSaving<T>({ save, message, onSaved }: Saving<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: save,
    onSuccess: (saved) => {
      tellDone(message(saved));
      queries.invalidateQueries();
      return onSaved(saved);
    },
  });
}
