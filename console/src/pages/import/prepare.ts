/** A file as it is sent: as it is where the server can read it, else as CSV with commas, or JSON lines, in UTF-8. */
import type { Opened } from './head';
import { guessMapping, type Mapping } from './mapping';
import type { Format } from './sniff';

export interface Prepared {
  body: Blob;
  mediaType: string;
  appColumn: string;
  externalColumn: string;
  directionColumn: string;
  direction: Mapping['fallback'];
  /** What a line of what is sent is off a line of the file. */
  lineShift: number;
}

const MEDIA_TYPES: Record<Format, string> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  parquet: 'application/vnd.apache.parquet',
};
const PART_LENGTH = 1 << 20;

/** Makes what is sent of a file. Nothing of a large file is kept in memory, but for what has to be rewritten. */
export async function prepare(
  { file, reading, head }: Opened,
  mapping: Mapping,
  signal: AbortSignal,
): Promise<Prepared> {
  const { format, encoding, delimiter } = reading;
  const about = {
    mediaType: MEDIA_TYPES[format],
    appColumn: mapping.app ?? '',
    externalColumn: mapping.external ?? '',
    directionColumn: mapping.direction ?? absentName(head.columns),
    direction: mapping.fallback,
    lineShift: 0,
  };
  const isReadable = encoding === 'utf-8' && (format !== 'csv' || (delimiter === ',' && head.isNamedSo));
  if (format === 'parquet' || isReadable) return { ...about, body: file };
  if (format === 'jsonl') return { ...about, body: await rewritten(file, encoding, 0, (text) => text, signal) };
  const header = new Blob([`${head.columns.map(quoted).join(',')}\n`]);
  const toCommas = delimiter === ',' ? undefined : new DelimiterChange(delimiter);
  const rows = await rewritten(file, encoding, head.headerLength, (text) => toCommas?.push(text) ?? text, signal);
  const rest = toCommas?.end() ?? '';
  return { ...about, body: new Blob([header, rows, rest]), lineShift: head.headerLines - 1 };
}

/** A text file in UTF-8, without its first `skip` characters, changed piece by piece. */
async function rewritten(
  file: Blob,
  encoding: string,
  skip: number,
  change: (text: string) => string,
  signal: AbortSignal,
): Promise<Blob> {
  const reader = file.stream().pipeThrough(new TextDecoderStream(encoding)).getReader();
  const parts: Blob[] = [];
  let open = '';
  let left = skip;
  for (;;) {
    const { value, done } = await reader.read();
    if (signal.aborted) {
      await reader.cancel();
      signal.throwIfAborted();
    }
    if (done) break;
    open += change(value.slice(left));
    left = Math.max(0, left - value.length);
    if (open.length >= PART_LENGTH) {
      parts.push(new Blob([open]));
      open = '';
    }
  }
  return new Blob([...parts, open]);
}

/** A name that no column has: a file may have a column `direction` that is not to be read. */
const absentName = (columns: string[]): string => {
  let name = 'no column';
  while (columns.includes(name)) name += '.';
  return name;
};

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** Puts commas in the place of another delimiter, piece by piece; lines stay where they are. */
export class DelimiterChange {
  /** What has come of a cell since its quotes, if it has any; its end may be in the next piece. */
  private open = '';
  private isStart = true;
  private hasQuotes = false;
  private isInQuotes = false;
  private readonly cellEnd: RegExp;

  constructor(private readonly delimiter: string) {
    this.cellEnd = new RegExp(`[${delimiter}\r\n]`, 'g');
  }

  push(text: string): string {
    let changed = '';
    let at = 0;
    while (at < text.length) {
      if (this.isInQuotes) {
        const end = text.indexOf('"', at) + 1;
        changed += text.slice(at, end || undefined);
        this.isInQuotes = end === 0;
        at = end || text.length;
      } else if (text[at] === '"' && (this.isStart || (this.hasQuotes && this.open === ''))) {
        // A quote right behind quotes goes on with them: it stands for one quote.
        this.hasQuotes = true;
        this.isInQuotes = true;
        this.isStart = false;
        changed += '"';
        at += 1;
      } else {
        this.cellEnd.lastIndex = at;
        const end = this.cellEnd.exec(text)?.index;
        this.open += text.slice(at, end);
        this.isStart = false;
        at = text.length;
        if (end !== undefined) {
          changed += this.closeCell() + (text[end] === this.delimiter ? ',' : text[end]);
          at = end + 1;
        }
      }
    }
    return changed;
  }

  /** What is left at the end. */
  end(): string {
    return this.closeCell();
  }

  private closeCell(): string {
    const cell = this.hasQuotes ? this.open : quoted(this.open);
    this.open = '';
    this.isStart = true;
    this.hasQuotes = false;
    return cell;
  }
}

/** The mapping for a file that has just been opened. A Parquet file's columns are not read here: they are named by hand. */
export function firstMapping({ reading, head }: Opened): Mapping {
  if (reading.format !== 'parquet') return guessMapping(head.columns);
  return { app: 'appRecordId', external: 'externalRecordId', direction: 'direction', fallback: 'both' };
}
