/** Opens the instance of a table for a connection, and makes it if it is not there. */
import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { createInstance } from '@/api/instances';
import { connectionOptions } from '@/api/options';
import type { DataLinkTable } from '@/api/schema';
import { FormDialog } from '@/components/FormDialog';
import { SearchSelect } from '@/components/SearchSelect';
import { errorAt, errorElsewhere } from '@/lib/fieldErrors';

interface Props {
  table: DataLinkTable;
  opened: boolean;
  onClose: () => void;
}

export function OpenInstance({ table, opened, onClose }: Props) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [connection, setConnection] = useState<string>();
  const [instanceKey, setInstanceKey] = useState('');
  const [isMissing, setIsMissing] = useState(false);
  const opening = useMutation({
    mutationFn: (connectionId: string) =>
      createInstance({ table: table.id, connection: connectionId, instanceKey: instanceKey || undefined }),
    onSuccess: async (instance) => {
      queries.invalidateQueries();
      // Back leads to the table and not to the dialog.
      await navigate({ to: '/instances/$instance', params: { instance: instance.id }, replace: true });
    },
  });
  const close = () => {
    setConnection(undefined);
    setInstanceKey('');
    setIsMissing(false);
    opening.reset();
    onClose();
  };
  return (
    <FormDialog
      opened={opened}
      title="Open or create an instance"
      action="Open instance"
      isBusy={opening.isPending}
      error={errorElsewhere(opening.error, ['connectionId', 'instanceKey'])}
      onSubmit={() => (connection ? opening.mutate(connection) : setIsMissing(true))}
      onClose={close}
    >
      <SearchSelect
        {...connectionOptions()}
        label="Connection"
        description="Whose links, with which external app"
        value={connection}
        error={isMissing ? 'Choose a connection.' : errorAt(opening.error, 'connectionId')}
        required
        autoFocus
        onChange={(next) => {
          setConnection(next);
          setIsMissing(false);
          opening.reset();
        }}
      />
      <TextInput
        label="Instance key"
        description="Only where one connection has several instances of a table"
        maxLength={512}
        classNames={{ input: 'mono' }}
        value={instanceKey}
        error={errorAt(opening.error, 'instanceKey')}
        onChange={(event) => {
          setInstanceKey(event.currentTarget.value);
          opening.reset();
        }}
      />
    </FormDialog>
  );
}
