/** Which columns of a file hold what, and what its rows mean then. */
import type { RequestedDirection } from '@/api/schema';
import type { Head } from './head';

export interface Mapping {
  app: string | null;
  external: string | null;
  /** None: every row means what `fallback` says. */
  direction: string | null;
  /** What a row means that gives no direction. */
  fallback: RequestedDirection;
}

/** A row as a link, or what is wrong with it. */
export interface MappedRow {
  line: number;
  app: string;
  external: string;
  direction: string;
  /** The direction is not in the file. */
  isFallback: boolean;
  problem?: string;
}

const MAX_ID_LENGTH = 512;
const DIRECTIONS = ['import', 'export', 'both'];
// What exports hold besides a link's three columns.
const NO_IDS = ['id', 'createdat', 'updatedat'];
const APP = [
  'apprecordid',
  'appid',
  'app',
  'internalid',
  'localid',
  'ourid',
  'productid',
  'userid',
  'user',
  'internal',
  'local',
  'source',
];
const EXTERNAL = [
  'externalrecordid',
  'externalid',
  'external',
  'remoteid',
  'foreignid',
  'crmid',
  'theirid',
  'contactid',
  'contact',
  'remote',
  'crm',
  'target',
];
const DIRECTION = ['direction', 'dir', 'way'];

const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** The mapping that the names of the columns suggest. */
export function guessMapping(columns: string[]): Mapping {
  const named = (names: string[], but: (string | null)[]) =>
    names.flatMap((name) => columns.filter((each) => plain(each) === name && !but.includes(each)))[0] ?? null;
  const direction = named(DIRECTION, []);
  let app = named(APP, [direction]);
  let external = named(EXTERNAL, [direction, app]);
  const rest = columns.filter((each) => ![direction, app, external].includes(each) && !NO_IDS.includes(plain(each)));
  const next = () => (rest.length <= 2 ? (rest.shift() ?? null) : null);
  app ??= external === null && rest.length > 2 ? null : next();
  external ??= next();
  return { app, external, direction, fallback: 'both' };
}

/** The first rows of a file as links, as the server will read them. */
export function mapRows(head: Head, mapping: Mapping): MappedRow[] {
  const at = (name: string | null) => (name === null ? -1 : head.columns.indexOf(name));
  const [app, external, direction] = [at(mapping.app), at(mapping.external), at(mapping.direction)];
  return head.rows.map(({ line, cells }) => {
    const given = cells[direction] ?? '';
    const row = {
      line,
      app: cells[app] ?? '',
      external: cells[external] ?? '',
      direction: given || mapping.fallback,
      isFallback: given === '',
    };
    return { ...row, problem: problemOf(row) };
  });
}

function problemOf(row: Omit<MappedRow, 'problem'>): string | undefined {
  for (const [what, id] of [
    ['app record id', row.app],
    ['external record id', row.external],
  ] as const) {
    if (id === '') return `The ${what} is missing`;
    // As the server counts: by characters, not by UTF-16 units.
    if ([...id].length > MAX_ID_LENGTH) return `The ${what} is longer than ${MAX_ID_LENGTH} characters`;
  }
  return DIRECTIONS.includes(row.direction) ? undefined : 'The direction is none of import, export and both';
}
