import { describe, expect, it } from 'vitest';
import { formatSeconds, paceOf, rowsDone } from './progress';
import { rejectsCsv } from './rejects';

describe('rejectsCsv', () => {
  it('has no cell that a spreadsheet takes for a formula', () => {
    const rows = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a,"b"'];
    const csv = rejectsCsv(
      rows.map((row, at) => ({ line: at + 2, reason: 'bad', column: '=c', row })),
      1,
    );
    const lines = csv.split('\r\n');
    expect(lines[0]).toBe('\ufeffline,column,reason,row');
    expect(lines.slice(1, 6)).toEqual([
      "3,'=c,bad,'=1+1",
      "4,'=c,bad,'+1",
      "5,'=c,bad,'-1",
      "6,'=c,bad,'@SUM(A1)",
      "7,'=c,bad,'\tx",
    ]);
    expect(csv).toContain('"\'\rx"');
    expect(csv).toContain('"a,""b"""');
  });
});

describe('progress', () => {
  const report = { dryRun: false, finished: false, rejects: [], rows: 0, new: 0, unchanged: 0, repeated: 0, bad: 0 };

  it('counts rows of a stretch that is not done yet', () => {
    expect(rowsDone(null)).toBe(0);
    expect(rowsDone({ ...report, new: 5, unchanged: 2 })).toBe(7);
    expect(rowsDone({ ...report, rows: 10, new: 5 })).toBe(10);
  });

  it('says how long the rest takes, if it can', () => {
    expect(paceOf(300, 1_000, 100, 2)).toEqual({ rate: 100, secondsLeft: 7 });
    expect(paceOf(100, 1_000, 100, 2)).toEqual({});
    expect(paceOf(100, 1_000, 0, 0)).toEqual({});
  });

  it('says lengths of time in their largest unit', () => {
    expect(formatSeconds(0.2)).toBe('1 second');
    expect(formatSeconds(90)).toBe('90 seconds');
    expect(formatSeconds(150)).toBe('3 minutes');
  });
});
