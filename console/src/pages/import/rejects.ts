/** Bad rows as a file that a spreadsheet opens and never takes for formulas. */
import type { Reject } from '@/api/schema';

const MARK = '\ufeff';

/** The bad rows as CSV. `lineShift` is what the lines of what was sent are off those of the file. */
export function rejectsCsv(rejects: Reject[], lineShift: number): string {
  const rows = rejects.map((each) => [String(each.line + lineShift), each.column ?? '', each.reason, each.row]);
  return MARK + [['line', 'column', 'reason', 'row'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Has the browser save a text as a file. */
export function saveFile(name: string, content: string, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
