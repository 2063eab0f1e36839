/** The first rows of a file, read in the browser, so that a person sees how the whole of it will be read. */
import Papa from 'papaparse';
import { scanJson } from '@/lib/jsonText';
import { decode, type Reading, sniff, WrongFile } from './sniff';

const HEAD_BYTES = 256 * 1024;
export const SHOWN_ROWS = 100;
const DELIMITERS = [',', ';', '\t', '|'];
const LINE_END = /\r\n|\n|\r/g;

export interface Row {
  /** Where it begins in the file, from 1. */
  line: number;
  /** By column; undefined where the row has none. */
  cells: (string | undefined)[];
}

export interface Head {
  /** The columns under names of which no two are the same. */
  columns: string[];
  /** Whether the file names its columns just so. */
  isNamedSo: boolean;
  rows: Row[];
  /** How much of the text, and how many of its lines, the names of the columns take. */
  headerLength: number;
  headerLines: number;
}

/** What a chosen file is, and its first rows. */
export interface Opened {
  file: File;
  reading: Reading;
  head: Head;
}

/** Opens a file: finds out how it is to be read, and reads its beginning. Throws `WrongFile`. */
export async function open(file: File): Promise<Opened> {
  const bytes = await beginning(file);
  const isWhole = bytes.length === file.size;
  const { format, encoding } = sniff(bytes, isWhole);
  const text = format === 'csv' ? decode(bytes, encoding, isWhole) : '';
  const reading: Reading = { format, encoding, delimiter: delimiterOf(text), hasHeader: true };
  return { file, reading, head: headOf(bytes, isWhole, reading) };
}

/** The same file read in another way. */
export async function reopen(file: File, reading: Reading): Promise<Opened> {
  const bytes = await beginning(file);
  return { file, reading, head: headOf(bytes, bytes.length === file.size, reading) };
}

async function beginning(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    throw new WrongFile('The file cannot be read. It may have been moved or deleted: choose it again.');
  }
}

function headOf(bytes: Uint8Array, isWhole: boolean, reading: Reading): Head {
  if (reading.format === 'parquet') {
    return { columns: [], isNamedSo: true, rows: [], headerLength: 0, headerLines: 0 };
  }
  const text = decode(bytes, reading.encoding, isWhole);
  // A line that is cut off would look like a bad row.
  const cut = isWhole ? text.length : text.lastIndexOf('\n') + 1 || text.length;
  const whole = text.slice(0, cut);
  return reading.format === 'csv' ? csvHead(whole, reading.delimiter, reading.hasHeader) : jsonLinesHead(whole);
}

/** What stands between the cells of a CSV text: what cuts most of its rows into as many cells as the first, two at least. */
export function delimiterOf(text: string): string {
  const sample = text.slice(0, 20_000);
  const scores = DELIMITERS.map((delimiter) => {
    const rows = Papa.parse<string[]>(sample, { delimiter, preview: 20, skipEmptyLines: true }).data;
    const width = rows[0]?.length ?? 0;
    return width < 2 ? 0 : rows.filter((row) => row.length === width).length;
  });
  return DELIMITERS[scores.indexOf(Math.max(...scores))] ?? ',';
}

/** The columns and first rows of a CSV text. */
export function csvHead(text: string, delimiter: string, hasHeader: boolean): Head {
  const rows: (Row & { end: number })[] = [];
  let line = 1;
  let at = 0;
  Papa.parse<string[]>(text, {
    delimiter,
    step: ({ data, meta }, parser) => {
      const isBlank = data.length === 1 && data[0] === '';
      if (!isBlank) rows.push({ line, cells: data, end: meta.cursor });
      line += text.slice(at, meta.cursor).match(LINE_END)?.length ?? 0;
      at = meta.cursor;
      if (rows.length > SHOWN_ROWS) parser.abort();
    },
  });
  const header = hasHeader ? rows.shift() : undefined;
  const width = header?.cells.length ?? Math.max(0, ...rows.map((row) => row.cells.length));
  const given = header?.cells.map((name) => name ?? '') ?? Array<string>(width).fill('');
  const columns = distinctNames(given);
  return {
    columns,
    isNamedSo: !!header && columns.every((name, column) => name === given[column]),
    rows: rows.slice(0, SHOWN_ROWS).map(({ line: begin, cells }) => ({ line: begin, cells })),
    headerLength: header?.end ?? 0,
    headerLines: header ? (text.slice(0, header.end).match(LINE_END)?.length ?? 0) : 0,
  };
}

/** Names that can be given to the server: none is empty, too long, there twice, or has what no name can have. */
export function distinctNames(given: string[]): string[] {
  const taken = new Set<string>();
  return given.map((name, column) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they cannot stand in a column's name
    const usable = name.replace(/[\u0000-\u001f"\\\ud800-\udfff]/gu, ' ').slice(0, 400);
    const base = usable.trim() ? usable : `Column ${column + 1}`;
    let distinct = base;
    for (let number = 2; taken.has(distinct); number++) distinct = `${base} (${number})`;
    taken.add(distinct);
    return distinct;
  });
}

/** The keys and first rows of a text of JSON lines. Throws `WrongFile` where the first line is no object. */
export function jsonLinesHead(text: string): Head {
  const columns: string[] = [];
  const objects: { line: number; cells: Map<string, string> }[] = [];
  for (const [at, line] of text.split(LINE_END).entries()) {
    if (objects.length >= SHOWN_ROWS) break;
    if (line.trim() === '') continue;
    const { root, problem } = scanJson(line);
    if ((problem || root?.kind !== 'object') && objects.length === 0) {
      throw new WrongFile(
        'Its first line is no whole JSON object. Write one object on each line, such as {"appRecordId": "u-1", "externalRecordId": "9001"}.',
      );
    }
    const cells = new Map<string, string>();
    for (const { key, node } of root?.kind === 'object' && !problem ? root.members : []) {
      if (!columns.includes(key)) columns.push(key);
      const value = line.slice(node.start, node.end);
      if (value !== 'null') cells.set(key, node.kind === 'text' ? (JSON.parse(value) as string) : value);
    }
    objects.push({ line: at + 1, cells });
  }
  return {
    columns,
    isNamedSo: true,
    rows: objects.map(({ line, cells }) => ({ line, cells: columns.map((name) => cells.get(name)) })),
    headerLength: 0,
    headerLines: 0,
  };
}
