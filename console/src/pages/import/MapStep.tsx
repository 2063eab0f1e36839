/** Second step: which columns hold what, seen on the first rows as they will be read. */
import { Alert, Button, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { formatSize } from './formatSize';
import { type Opened, reopen, SHOWN_ROWS } from './head';
import type { ImportState } from './importState';
import { type Mapping, mapRows } from './mapping';
import { firstMapping } from './prepare';
import { ReadingOptions } from './ReadingOptions';
import { RowsPreview } from './RowsPreview';
import { StepTitle } from './StepTitle';
import type { Reading } from './sniff';

interface Props {
  opened: Opened;
  mapping: Mapping;
  onChange: (change: Pick<ImportState, 'opened' | 'mapping'>) => void;
  onBack: () => void;
  onNext: () => void;
}

const FALLBACKS = [
  { value: 'both', label: 'Both directions' },
  { value: 'import', label: 'Import (external → app)' },
  { value: 'export', label: 'Export (app → external)' },
];

export function MapStep({ opened, mapping, onChange, onBack, onNext }: Props) {
  const { file, reading, head } = opened;
  const [problem, setProblem] = useState<string>();
  const rows = useMemo(() => mapRows(head, mapping), [head, mapping]);
  const isParquet = reading.format === 'parquet';
  const missing = missingOf(mapping);
  const set = (change: Partial<Mapping>) => onChange({ mapping: { ...mapping, ...change } });

  const readAs = async (next: Reading) => {
    try {
      const again = await reopen(file, next);
      setProblem(undefined);
      onChange({ opened: again, mapping: { ...firstMapping(again), fallback: mapping.fallback } });
    } catch (error) {
      setProblem((error as Error).message);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing) onNext();
      }}
    >
      <Stack gap="md">
        <StepTitle title="Map columns">
          {file.name}, {formatSize(file.size)}
        </StepTitle>
        <ReadingOptions reading={reading} onChange={readAs} />
        {problem && (
          <Alert color="red" role="alert">
            {problem}
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
          <ColumnChoice
            label="App record id"
            description="A record of your product"
            columns={isParquet ? undefined : head.columns}
            value={mapping.app}
            onChange={(app) => set({ app })}
          />
          <ColumnChoice
            label="External record id"
            description="A record of the external app"
            columns={isParquet ? undefined : head.columns}
            value={mapping.external}
            onChange={(external) => set({ external })}
          />
          <ColumnChoice
            label="Direction"
            description="import, export or both; may be left out"
            columns={isParquet ? undefined : head.columns}
            value={mapping.direction}
            onChange={(direction) => set({ direction })}
            isOptional
          />
          <Select
            label="Rows without a direction"
            description="What they mean"
            data={FALLBACKS}
            value={mapping.fallback}
            allowDeselect={false}
            onChange={(fallback) => fallback && set({ fallback: fallback as Mapping['fallback'] })}
          />
        </SimpleGrid>
        {isParquet ? (
          <Alert color="blue">
            The rows of a Parquet file are read by the server, which needs the package extra <code>parquet</code> for
            it. The preview shows what it read.
          </Alert>
        ) : (
          !missing && <RowsPreview rows={rows} isCut={rows.length >= SHOWN_ROWS} hasRows={head.rows.length > 0} />
        )}
        <Group justify="space-between">
          <Button variant="default" onClick={onBack}>
            Another file
          </Button>
          <Group gap="sm">
            {missing && (
              <span className="quiet" role="status">
                {missing}
              </span>
            )}
            <Button type="submit" disabled={!!missing || (!isParquet && head.rows.length === 0)}>
              Preview
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

/** What must still be chosen, or is wrong. */
function missingOf({ app, external, direction }: Mapping): string | undefined {
  if (!app || !external) return `Choose the column of the ${app ? 'external' : 'app'} record id.`;
  if (new Set([app, external, direction]).size < 3) return 'Choose a different column for each.';
  return undefined;
}

interface ChoiceProps {
  label: string;
  description: string;
  /** Without them, a name is typed. */
  columns: string[] | undefined;
  value: string | null;
  onChange: (value: string | null) => void;
  isOptional?: boolean;
}

function ColumnChoice({ label, description, columns, value, onChange, isOptional }: ChoiceProps) {
  const common = { label, description, placeholder: isOptional ? 'None' : 'Choose a column', required: !isOptional };
  if (!columns) {
    return (
      <TextInput
        {...common}
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value.trim() || null)}
      />
    );
  }
  return (
    <Select
      {...common}
      data={columns}
      value={value}
      onChange={onChange}
      searchable={columns.length > 8}
      clearable={isOptional}
      clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
      allowDeselect={false}
      nothingFoundMessage="No such column"
    />
  );
}
