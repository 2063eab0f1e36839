/** Makes the instance of a table for a connection. */
import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import { createInstance, type InstanceDraft, type InstanceFilters } from '@/api/instances';
import { connectionOptions, TABLE_OPTIONS } from '@/api/options';
import type { DataLinkTableInstance } from '@/api/schema';
import { FormDialog } from '@/components/FormDialog';
import { SearchSelect } from '@/components/SearchSelect';

interface Props {
  /** What the list is filtered by is likely what is wanted. */
  filters: InstanceFilters;
  onCreated: (instance: DataLinkTableInstance) => void;
  onClose: () => void;
}

export function InstanceForm({ filters, onCreated, onClose }: Props) {
  const queries = useQueryClient();
  const [table, setTable] = useState(filters.table);
  const [connection, setConnection] = useState(filters.connection);
  const [instanceKey, setInstanceKey] = useState('');
  const [isIncomplete, setIsIncomplete] = useState(false);
  const creating = useMutation({
    mutationFn: (draft: InstanceDraft) => createInstance(draft),
    onSuccess: async (instance) => {
      for (const resource of ['instances', 'tables', 'overview']) queries.invalidateQueries({ queryKey: [resource] });
      onCreated(instance);
    },
  });
  const path = creating.error instanceof ApiError ? creating.error.path : undefined;
  const isOfKey = path === '$.instanceKey';
  return (
    <FormDialog
      opened
      title="New instance"
      action="Create instance"
      isBusy={creating.isPending}
      error={isOfKey ? null : creating.error}
      onSubmit={() => {
        setIsIncomplete(!table || !connection);
        if (table && connection) creating.mutate({ table, connection, instanceKey: instanceKey || undefined });
      }}
      onClose={onClose}
    >
      <SearchSelect
        label="Table"
        {...TABLE_OPTIONS}
        value={table}
        onChange={setTable}
        error={isIncomplete && !table ? 'Choose a table.' : undefined}
        required
        autoFocus
      />
      <SearchSelect
        label="Connection"
        {...connectionOptions(filters.customer, filters.integration)}
        value={connection}
        onChange={setConnection}
        error={isIncomplete && !connection ? 'Choose a connection.' : undefined}
        required
      />
      <TextInput
        label="Instance key"
        description="Only if this table and connection need several sets of links, such as one for each account"
        value={instanceKey}
        error={isOfKey ? creating.error?.message : undefined}
        onChange={(event) => setInstanceKey(event.currentTarget.value)}
        autoComplete="off"
      />
    </FormDialog>
  );
}
