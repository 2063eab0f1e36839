/** What is wrong with a formula or its variables, and where. */
import { ApiError } from '@/api/client';
import { lineAndColumn, placeOf, type Range, scanJson } from '@/lib/jsonText';

export interface Place {
  /** Which of the two texts. */
  editor: 'formula' | 'variables';
  range: Range;
}

export interface Mistake {
  message: string;
  range: Range;
}

/** What is wrong with a JSON text, or undefined. */
export function mistakeIn(text: string, editor: Place['editor']): Mistake | undefined {
  const { root, problem } = scanJson(text);
  // Variables may be left out.
  if (editor === 'variables' && text.trim() === '') return undefined;
  if (problem) {
    const { line, column } = lineAndColumn(text, problem.at);
    const message = text.trim() === '' ? 'Write JSON here' : `${problem.message}: line ${line}, column ${column}`;
    return { message, range: { start: problem.at, end: Math.min(text.length, problem.at + 1) } };
  }
  if (editor === 'variables' && root?.kind !== 'object') {
    return {
      message: 'Variables are a JSON object, such as {"user": {"id": "u1"}}',
      range: { start: 0, end: text.length },
    };
  }
  return undefined;
}

/** Where in the two texts a refusal of the server belongs; undefined if it says nothing of a place in them. */
export function placeOfError(error: Error, formula: string, variables: string): Place | undefined {
  if (!(error instanceof ApiError) || error.path === undefined) return undefined;
  const path = error.path;
  if (error.envelope.key === 'formula_error') return placeIn(formula, 'formula', path);
  const inside = /^\$\.(formula|variables)(?=$|[.[])/.exec(path);
  if (!inside) return undefined;
  const editor = inside[1] === 'variables' ? 'variables' : 'formula';
  return placeIn(editor === 'formula' ? formula : variables, editor, `$${path.slice(inside[0].length)}`);
}

function placeIn(text: string, editor: Place['editor'], path: string): Place | undefined {
  const range = placeOf(text, path);
  return range && { editor, range };
}
