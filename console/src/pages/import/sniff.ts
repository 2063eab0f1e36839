/** What a file is, by its first bytes: its format, its encoding, or why it cannot be imported. */

export type Format = 'csv' | 'jsonl' | 'parquet';
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** How a file is read. */
export interface Reading {
  format: Format;
  encoding: Encoding;
  /** Of CSV: what stands between cells. */
  delimiter: string;
  /** Of CSV: whether the first line names the columns. */
  hasHeader: boolean;
}

/** A file that cannot be imported; the message says what to do. */
export class WrongFile extends Error {}

const SIGNATURES: [number[], string][] = [
  [[0x50, 0x4b], 'This is an Excel workbook or a ZIP archive. Save its sheet as CSV (UTF-8) and choose that.'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'This is an old Excel workbook. Save its sheet as CSV (UTF-8) and choose that.'],
  [[0x1f, 0x8b], 'This file is compressed with gzip. Unpack it and choose what is in it.'],
  [[0x42, 0x5a, 0x68], 'This file is compressed with bzip2. Unpack it and choose what is in it.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'This file is compressed with zstd. Unpack it and choose what is in it.'],
  [[0xff, 0xfe, 0, 0], 'This text is in UTF-32. Save it in UTF-8 and choose that.'],
  [[0, 0, 0xfe, 0xff], 'This text is in UTF-32. Save it in UTF-8 and choose that.'],
  [[0x25, 0x50, 0x44, 0x46], 'This is a PDF document. Choose a CSV, JSON-lines or Parquet file.'],
  [[0x89, 0x50, 0x4e, 0x47], 'This is a picture. Choose a CSV, JSON-lines or Parquet file.'],
  [[0xff, 0xd8, 0xff], 'This is a picture. Choose a CSV, JSON-lines or Parquet file.'],
  [[0x50, 0x41, 0x52, 0x45], 'This Parquet file is encrypted. Choose one that is not.'],
];
const PARQUET = [0x50, 0x41, 0x52, 0x31];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell that something is no text
const NO_TEXT = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** What a file is. `head` is its beginning; `isWhole` says whether that is all of it. */
export function sniff(head: Uint8Array, isWhole: boolean): { format: Format; encoding: Encoding } {
  const begins = (signature: number[]) => signature.every((byte, at) => head[at] === byte);
  if (head.length === 0) throw new WrongFile('The file is empty. Choose one that has rows.');
  if (begins(PARQUET)) return { format: 'parquet', encoding: 'utf-8' };
  const known = SIGNATURES.find(([signature]) => begins(signature));
  if (known) throw new WrongFile(known[1]);
  const encoding = encodingOf(head, isWhole);
  const text = decode(head, encoding, isWhole);
  const beginning = text.trimStart();
  if (beginning === '') throw new WrongFile('There is nothing but blank lines in the file. Choose one that has rows.');
  if (NO_TEXT.test(text)) throw new WrongFile('This is no text. Choose a CSV, JSON-lines or Parquet file.');
  if (beginning.startsWith('[')) {
    throw new WrongFile('This is one JSON array. Write each of its objects on a line of its own (JSON lines).');
  }
  if (/^<(!doctype|html|\?xml)/i.test(beginning)) {
    throw new WrongFile('This is a web page or XML. Choose a CSV, JSON-lines or Parquet file.');
  }
  return { format: beginning.startsWith('{') ? 'jsonl' : 'csv', encoding };
}

/** The encoding of a text: by its byte order mark, by how its zeros lie, or by whether it is UTF-8. */
export function encodingOf(head: Uint8Array, isWhole: boolean): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const sample = head.subarray(0, 512);
  let even = 0;
  let odd = 0;
  sample.forEach((byte, at) => {
    if (byte === 0) at % 2 ? odd++ : even++;
  });
  if (odd > sample.length / 4 && even === 0) return 'utf-16le';
  if (even > sample.length / 4 && odd === 0) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** A beginning as text, without a byte order mark and without half a character at its end. */
export function decode(head: Uint8Array, encoding: Encoding, isWhole: boolean): string {
  return new TextDecoder(encoding).decode(head, { stream: !isWhole });
}
