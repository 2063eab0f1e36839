/** How fast an import is and how long it will take. */
import type { ImportReport } from '@/api/schema';

/** How many rows are done: rows are counted in it sooner than stretches of them are. */
export const rowsDone = (report: ImportReport | null | undefined): number =>
  report ? Math.max(report.rows, report.new + report.unchanged + report.repeated + report.bad) : 0;

export interface Pace {
  /** Rows a second; undefined while nothing can be said. */
  rate?: number;
  secondsLeft?: number;
}

/** The pace of an import that went on from `before` rows `seconds` ago. */
export function paceOf(rows: number, total: number, before: number, seconds: number): Pace {
  const rate = seconds > 0 ? (rows - before) / seconds : 0;
  if (rate <= 0) return {};
  return { rate, secondsLeft: Math.max(0, total - rows) / rate };
}

const UNITS: [string, number][] = [
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** A length of time in its largest unit. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [unit, length] = UNITS.find(([, each]) => whole >= each * 2) ?? ['second', 1];
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.round(whole / length),
  );
}
