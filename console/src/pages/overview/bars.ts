/** Stacked bars, as numbers. */
import type { Activity } from '@/api/schema';

export type Measure = Exclude<keyof Activity, 'hour'>;

export interface Bar {
  key: Measure;
  /** From the top of the chart. */
  y: number;
  height: number;
}

const MIN_HEIGHT = 2;

/** The bars of one hour, from the bottom up, in a chart of a height whose top is `top`. What is not zero can be seen. */
export function barsOf(hour: Activity, measures: Measure[], top: number, height: number): Bar[] {
  let y = height;
  return measures
    .filter((key) => hour[key] > 0)
    .map((key) => {
      const tall = Math.max(MIN_HEIGHT, (hour[key] / top) * height);
      y = Math.max(0, y - tall);
      return { key, y, height: tall };
    });
}

/** A round number at or above the largest value: 1, 2 or 5 times a power of ten. */
export function roundTop(largest: number): number {
  if (largest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= largest) ?? largest;
}
