/** What the playground holds. It is kept in the tab, and nowhere else. */
import { useCallback, useState } from 'react';
import type { Evaluation } from '@/api/formulas';
import { formatJson } from '@/lib/jsonText';
import { EXAMPLES, type Example } from './examples';

/** The connection is in the address instead. */
export type Playground = Omit<Evaluation, 'connection'>;

const KEY = 'datalinks.formulas';

/** An example as it is edited. */
export const written = ({ formula, variables }: Example) => ({
  formula: formatJson(JSON.stringify(formula)) ?? '',
  variables: formatJson(JSON.stringify(variables)) ?? '',
});

function begin(): Playground {
  const first = EXAMPLES[0]?.examples[1];
  const begun: Playground = { formula: '', variables: '{}', mode: 'resolve', ...(first && written(first)) };
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return typeof kept === 'object' ? { ...begun, ...kept } : begun;
  } catch {
    return begun;
  }
}

export function usePlayground() {
  const [state, setState] = useState(begin);
  const update = useCallback((change: Partial<Playground>) => {
    setState((current) => {
      const next = { ...current, ...change };
      try {
        sessionStorage.setItem(KEY, JSON.stringify(next));
      } catch {
        // What does not fit is not kept.
      }
      return next;
    });
  }, []);
  return { state, update };
}
