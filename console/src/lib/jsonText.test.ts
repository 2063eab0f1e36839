import { describe, expect, it } from 'vitest';
import { formatJson, lineAndColumn, locatorSteps, placeOf, scanJson } from './jsonText';

const marked = (text: string, locator: string) => {
  const place = placeOf(text, locator);
  return place && text.slice(place.start, place.end);
};

describe('placeOf', () => {
  const text = '{\n  "items": [1, {"$map": {"value": 5}}],\n  "a.b": "x"\n}';

  it('finds a value with its key', () => {
    expect(marked(text, '$.items[1].$map')).toBe('"$map": {"value": 5}');
    expect(marked(text, '$.items[0]')).toBe('1');
    expect(marked(text, '$.a\\.b')).toBe('"a.b": "x"');
    expect(marked(text, '$')).toBe(text);
  });

  it('gives what is around a place that is not written out', () => {
    expect(marked(text, '$.items[1].$map.mapping[2]')).toBe('"$map": {"value": 5}');
    expect(marked(text, '$.nowhere')).toBe(text);
  });

  it('takes the last of two keys, as JSON does', () => {
    expect(marked('{"a": 1, "a": 2}', '$.a')).toBe('"a": 2');
  });

  it('finds what can be read of a text that is no JSON', () => {
    expect(marked('{"a": [1, 2', '$.a[1]')).toBe('2');
    expect(marked('{"a": {"b": ', '$.a.b')).toBe('"b": ');
    expect(marked('{"a" 1}', '$.a')).toBe('{"a" ');
    expect(placeOf('', '$.a')).toEqual({ start: 0, end: 0 });
  });
});

describe('locatorSteps', () => {
  it('reads keys, indexes and escapes', () => {
    expect(locatorSteps('$.a[0].$case[12].b\\[c\\]')).toEqual(['a', '0', '$case', '12', 'b[c]']);
    expect(locatorSteps('$')).toEqual([]);
    expect(locatorSteps('$map.value')).toEqual(['$map', 'value']);
  });
});

describe('scanJson', () => {
  it.each(['{}', '[]', ' "a\\u0041" ', '-1.5e+10', '{"a":[true,null,{"b":"\\""}]}', '12345678901234567890'])(
    'takes %s',
    (text) => {
      expect(scanJson(text).problem).toBeUndefined();
      expect(() => JSON.parse(text)).not.toThrow();
    },
  );

  it.each(['', '{', '[1,]', '{"a":1,}', '01', '1.', 'nul', 'truex', '"a\nb"', '"\\x"', "{'a': 1}", '{} {}', 'NaN'])(
    'refuses %s as JSON.parse does',
    (text) => {
      expect(scanJson(text).problem).toBeDefined();
      expect(() => JSON.parse(text)).toThrow();
    },
  );

  it('says where the problem is', () => {
    const text = '{\n  "a": 1\n  "b": 2}';
    const problem = scanJson(text).problem;
    expect(problem?.message).toBe('A comma or } is missing');
    expect(lineAndColumn(text, problem?.at ?? 0)).toEqual({ line: 3, column: 3 });
  });

  it('does not fall over a text that is nested without end', () => {
    expect(scanJson('['.repeat(100_000)).problem?.message).toBe('This is nested too deep');
  });
});

describe('formatJson', () => {
  it('keeps what fits on one line', () => {
    expect(formatJson('{"a":1,\n"b":[ 1,2 ]}')).toBe('{"a": 1, "b": [1, 2]}');
  });

  it('indents what does not, and keeps all digits', () => {
    const long = 'x'.repeat(80);
    expect(formatJson(`{"a":"${long}","n":12345678901234567890,"e":{}}`)).toBe(
      `{\n  "a": "${long}",\n  "n": 12345678901234567890,\n  "e": {}\n}`,
    );
  });

  it('leaves what is no JSON', () => {
    expect(formatJson('{')).toBeUndefined();
  });
});
