/** How the text of a file is read: found out by itself, and changed where it was found out wrongly. */
import { Checkbox, Group, Select } from '@mantine/core';
import type { Encoding, Reading } from './sniff';

const ENCODINGS: { value: Encoding; label: string }[] = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'utf-16le', label: 'UTF-16' },
  { value: 'utf-16be', label: 'UTF-16, big-endian' },
  { value: 'windows-1252', label: 'Windows-1252 (Western European)' },
];
const DELIMITERS = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Vertical bar' },
];

interface Props {
  reading: Reading;
  onChange: (reading: Reading) => void;
}

export function ReadingOptions({ reading, onChange }: Props) {
  if (reading.format === 'parquet') return null;
  const isCsv = reading.format === 'csv';
  return (
    <Group gap="md" align="flex-end">
      <Select
        label="Encoding"
        size="xs"
        w={220}
        data={ENCODINGS}
        value={reading.encoding}
        allowDeselect={false}
        onChange={(encoding) => encoding && onChange({ ...reading, encoding: encoding as Encoding })}
      />
      {isCsv && (
        <>
          <Select
            label="Cells are separated by"
            size="xs"
            w={160}
            data={DELIMITERS}
            value={reading.delimiter}
            allowDeselect={false}
            onChange={(delimiter) => delimiter && onChange({ ...reading, delimiter })}
          />
          <Checkbox
            label="The first line names the columns"
            size="sm"
            pb={6}
            checked={reading.hasHeader}
            onChange={(event) => onChange({ ...reading, hasHeader: event.currentTarget.checked })}
          />
        </>
      )}
    </Group>
  );
}
