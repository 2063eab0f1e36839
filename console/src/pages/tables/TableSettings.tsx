/** Renames, describes and archives a table. */
import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DataLinkTable } from '@/api/schema';
import { changeTable } from '@/api/tables';
import { CopyableId } from '@/components/Copy';
import { Details } from '@/components/Details';
import { ErrorState } from '@/components/ErrorState';
import { Section } from '@/components/Section';
import { Time } from '@/components/Time';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';
import { tellDone } from '@/lib/notify';
import { TableArchiving } from './TableArchiving';

export function TableSettings({ table }: { table: DataLinkTable }) {
  return (
    <Stack>
      <Section title="Naming">
        <NameForm table={table} />
      </Section>
      <Section title="Details">
        <Details
          items={[
            { label: 'Key', value: <CopyableId id={table.key} what="the key" /> },
            { label: 'Id', value: <CopyableId id={table.id} /> },
            { label: 'Created', value: <Time at={table.createdAt} /> },
            { label: 'Updated', value: <Time at={table.updatedAt} /> },
          ]}
        />
      </Section>
      {!table.archivedAt && (
        <Section title="Archive">
          <Group p="md" justify="space-between">
            <Text size="sm" maw={560}>
              Archiving hides the table with all its instances and links, and keeps them. It can be restored at any
              time.
            </Text>
            <TableArchiving table={table} />
          </Group>
        </Section>
      )}
    </Stack>
  );
}

function NameForm({ table }: { table: DataLinkTable }) {
  const queries = useQueryClient();
  const [name, setName] = useState(table.name);
  const [description, setDescription] = useState(table.description ?? '');
  const saving = useMutation({
    mutationFn: () => changeTable(table.id, { name: name.trim(), description: description.trim() || null }),
    onSuccess: (changed) => {
      tellDone(`Saved the table ${changed.name}`);
      return queries.invalidateQueries();
    },
  });
  const isChanged = name !== table.name || description !== (table.description ?? '');
  const isArchived = !!table.archivedAt;
  const elsewhere = errorElsewhere(saving.error, ['name', 'description']);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <Stack p="md" maw={640}>
        <TextInput
          label="Name"
          required
          maxLength={500}
          disabled={isArchived}
          value={name}
          error={errorAt(saving.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxRows={10}
          maxLength={10_000}
          disabled={isArchived}
          value={description}
          error={errorAt(saving.error, 'description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {elsewhere && <ErrorState error={elsewhere} />}
        <Group>
          <Button type="submit" loading={saving.isPending} disabled={!isChanged || isArchived}>
            Save changes
          </Button>
          {isArchived && (
            <Text size="sm" className="quiet">
              Restore the table to change it.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
