import { describe, expect, it, vi } from 'vitest';

vi.stubGlobal('document', { baseURI: 'http://localhost/console/' });
const { ApiError } = await import('@/api/client');
const { evaluationBody } = await import('@/api/formulas');
const { mistakeIn, placeOfError } = await import('./problems');

describe('placeOfError', () => {
  const formula = '{"size": [{"$case": [{"filter": 1}]}]}';
  const refusal = (key: string, path?: string) =>
    new ApiError(400, {
      type: 'bad_request',
      key,
      message: 'x',
      data: (path === undefined ? null : { path }) as never,
    });
  const marked = (error: Error) => {
    const place = placeOfError(error, formula, '{"a": 1}');
    return (
      place && [
        place.editor,
        (place.editor === 'formula' ? formula : '{"a": 1}').slice(place.range.start, place.range.end),
      ]
    );
  };

  it('finds the place in the formula', () => {
    expect(marked(refusal('formula_error', '$.size[0].$case[0].filter[0]'))).toEqual(['formula', '"filter": 1']);
  });

  it('finds places of the request', () => {
    expect(marked(refusal('bad_request', '$.variables.a'))).toEqual(['variables', '"a": 1']);
    expect(marked(refusal('bad_request', '$.formula.size[0]'))).toEqual(['formula', '{"$case": [{"filter": 1}]}']);
  });

  it('finds no place for what has none', () => {
    expect(marked(refusal('bad_request', '$.connectionId'))).toBeUndefined();
    expect(marked(refusal('formula_error'))).toBeUndefined();
    expect(marked(new Error('x'))).toBeUndefined();
  });
});

describe('mistakeIn', () => {
  it('says what is wrong and where', () => {
    expect(mistakeIn('{\n  "a": }', 'formula')).toEqual({
      message: 'This is no value: line 2, column 8',
      range: { start: 9, end: 10 },
    });
    expect(mistakeIn('', 'formula')?.message).toBe('Write JSON here');
    expect(mistakeIn('', 'variables')).toBeUndefined();
    expect(mistakeIn('[]', 'variables')?.message).toMatch('JSON object');
    expect(mistakeIn('[]', 'formula')).toBeUndefined();
  });
});

describe('evaluationBody', () => {
  it('sends texts as they are written', () => {
    const body = evaluationBody({ formula: ' 12345678901234567890 ', variables: '', mode: 'build', connection: 'c"1' });
    expect(body).toBe('{"formula": 12345678901234567890, "mode": "build", "connectionId": "c\\"1"}');
  });
});
