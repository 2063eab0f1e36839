import { describe, expect, it } from 'vitest';
import { open, reopen } from './head';
import { guessMapping, mapRows } from './mapping';
import { DelimiterChange, prepare } from './prepare';

const NEVER = new AbortController().signal;
const fileOf = (content: string | Uint8Array<ArrayBuffer>, name = 'links.csv') => new File([content], name);

async function sent(file: File) {
  const opened = await open(file);
  const prepared = await prepare(opened, guessMapping(opened.head.columns), NEVER);
  return { text: await prepared.body.text(), prepared };
}

describe('DelimiterChange', () => {
  const text = 'a;b\r\n"x;""y""\n;z";u,v\n;;\n"";"a"\n';
  const changed = 'a,b\r\n"x;""y""\n;z","u,v"\n,,\n"","a"\n';

  it('changes delimiters, and nothing inside quotes', () => {
    const change = new DelimiterChange(';');
    expect(change.push(text) + change.end()).toBe(changed);
  });

  it('does the same whatever the pieces are', () => {
    for (let size = 1; size < text.length; size++) {
      const change = new DelimiterChange(';');
      let out = '';
      for (let at = 0; at < text.length; at += size) out += change.push(text.slice(at, at + size));
      expect(out + change.end()).toBe(changed);
    }
  });

  it('keeps a last cell without a line end', () => {
    const change = new DelimiterChange('|');
    expect(change.push('a|b,c') + change.end()).toBe('a,"b,c"');
  });
});

describe('prepare', () => {
  it('sends a file that the server can read as it is', async () => {
    const file = fileOf('\ufeffappRecordId,externalRecordId\nu1,9001\n');
    const opened = await open(file);
    const prepared = await prepare(opened, guessMapping(opened.head.columns), NEVER);
    expect(prepared.body).toBe(file);
    expect(prepared).toMatchObject({ appColumn: 'appRecordId', externalColumn: 'externalRecordId', lineShift: 0 });
  });

  it('rewrites other delimiters', async () => {
    const { text, prepared } = await sent(fileOf('app;external;note\nu1;9001;a,b\n'));
    expect(text).toBe('app,external,note\nu1,9001,"a,b"\n');
    expect(prepared.lineShift).toBe(0);
  });

  it('rewrites other encodings, with and without a byte order mark', async () => {
    const utf16 = new Uint8Array(Buffer.from('\ufeffapp\texternal\nü1\t9001\n', 'utf16le'));
    expect((await sent(fileOf(utf16))).text).toBe('app,external\nü1,9001\n');
    const latin = new Uint8Array(Buffer.from('app,external\nü1,9001\n', 'latin1'));
    expect((await sent(fileOf(latin))).text).toBe('app,external\nü1,9001\n');
  });

  it('names columns that have no name or the same', async () => {
    const { text, prepared } = await sent(fileOf('\nid,,id\nu1,9001,x\n'));
    expect(text).toBe('id,Column 2,id (2)\nu1,9001,x\n');
    // The first row stands on line 3 of the file, and on line 2 of what is sent.
    expect(prepared.lineShift).toBe(1);
  });

  it('names the columns of a file that does not', async () => {
    const opened = await open(fileOf('u1,9001\nu2,9002\n'));
    const plain = await reopen(opened.file, { ...opened.reading, hasHeader: false });
    const prepared = await prepare(plain, guessMapping(plain.head.columns), NEVER);
    expect(await prepared.body.text()).toBe('Column 1,Column 2\nu1,9001\nu2,9002\n');
    expect(prepared.lineShift).toBe(-1);
  });

  it('does not have a column read that is not to be', async () => {
    const opened = await open(fileOf('app,external,direction\nu1,9001,import\n'));
    const mapping = { ...guessMapping(opened.head.columns), direction: null };
    expect((await prepare(opened, mapping, NEVER)).directionColumn).toBe('no column');
  });
});

describe('open', () => {
  const refused = (content: string | Uint8Array<ArrayBuffer>) => expect(open(fileOf(content))).rejects;

  it('says what is wrong with a file', async () => {
    await refused('').toThrow('empty');
    await refused('\n \n').toThrow('blank lines');
    await refused(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])).toThrow('Excel workbook');
    await refused(new Uint8Array([1, 2, 3, 0, 0, 9])).toThrow('no text');
    await refused('[{"a": 1}]').toThrow('JSON array');
    await refused('{\n"a": 1}').toThrow('first line');
    await refused('<html>').toThrow('web page');
  });

  it('reads rows with the lines they begin on', async () => {
    const { head } = await open(fileOf('app,external\n"u\n1",a\n\nu2,b\n'));
    expect(head.rows).toEqual([
      { line: 2, cells: ['u\n1', 'a'] },
      { line: 5, cells: ['u2', 'b'] },
    ]);
  });

  it('reads JSON lines, and keeps all digits of numbers', async () => {
    const { head } = await open(fileOf('{"app": 12345678901234567890, "external": "x"}\n\n{"external": null}\nno\n'));
    expect(head.columns).toEqual(['app', 'external']);
    expect(head.rows).toEqual([
      { line: 1, cells: ['12345678901234567890', 'x'] },
      { line: 3, cells: [undefined, undefined] },
      { line: 4, cells: [undefined, undefined] },
    ]);
  });

  it('shows no row that is cut off by the end of what is read', async () => {
    const { head } = await open(fileOf(`app,external\n${'u,e\n'.repeat(40)}u,${'x'.repeat(300_000)}\n`));
    expect(head.rows).toHaveLength(40);
  });
});

describe('guessMapping', () => {
  it.each([
    [['appRecordId', 'externalRecordId', 'direction', 'id', 'createdAt'], 'appRecordId', 'externalRecordId'],
    [['External ID', 'App ID'], 'App ID', 'External ID'],
    [['user', 'hubspot_id'], 'user', 'hubspot_id'],
    [['one', 'two'], 'one', 'two'],
    [['one', 'two', 'three'], null, null],
    [['contact', 'name'], 'name', 'contact'],
    [['only'], 'only', null],
  ])('%j', (columns, app, external) => {
    expect(guessMapping(columns)).toMatchObject({ app, external });
  });
});

describe('mapRows', () => {
  it('says what is wrong with a row', async () => {
    const { head } = await open(
      fileOf(`app,external,direction\nu1,9001,\n,9002,\nu3,9003,north\nu4,${'x'.repeat(513)},\n`),
    );
    const rows = mapRows(head, { ...guessMapping(head.columns), fallback: 'import' });
    expect(rows[0]).toMatchObject({ line: 2, app: 'u1', external: '9001', direction: 'import', isFallback: true });
    expect(rows.map((row) => row.problem !== undefined)).toEqual([false, true, true, true]);
  });
});
