/** The size of a file in the reader's locale: 12 kB. */
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

export function formatSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const format = { style: 'unit', unit: UNITS[power], unitDisplay: power ? 'short' : 'long' } as const;
  return new Intl.NumberFormat(undefined, { ...format, maximumFractionDigits: 1 }).format(bytes / 1_000 ** power);
}
