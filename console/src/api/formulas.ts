/** Formulas, evaluated without changing anything. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from './client';
import type { EvaluationMode } from './schema';

/** A formula to evaluate; it and its variables are JSON texts, which are sent as they are, so that numbers keep all their digits. */
export interface Evaluation {
  formula: string;
  variables: string;
  mode: EvaluationMode;
  connection?: string;
  instanceKey?: string;
}

/** The body of a request, as text. */
export function evaluationBody({ formula, variables, mode, connection, instanceKey }: Evaluation): string {
  const members = [`"formula": ${formula.trim()}`];
  if (variables.trim()) members.push(`"variables": ${variables.trim()}`);
  if (mode !== 'resolve') members.push(`"mode": ${JSON.stringify(mode)}`);
  if (connection) members.push(`"connectionId": ${JSON.stringify(connection)}`);
  if (connection && instanceKey) members.push(`"instanceKey": ${JSON.stringify(instanceKey)}`);
  return `{${members.join(', ')}}`;
}

/** What a formula gives, as the text of the server's answer. */
export const evaluationQuery = (evaluation: Evaluation) =>
  queryOptions({
    queryKey: ['formulas', evaluation],
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      unwrap(
        api.POST('/formulas/evaluate', {
          body: { formula: null },
          bodySerializer: () => evaluationBody(evaluation),
          parseAs: 'text',
          signal,
        }),
      ),
  });
