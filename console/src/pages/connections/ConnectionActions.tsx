/** What can be done with a connection that is not archived. */
import { Button } from '@mantine/core';
import { IconPencil, IconPlugConnected, IconPlugConnectedX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Connection, changeConnection } from '@/api/connections';
import { tellDone, tellFailed, tellUndoable } from '@/lib/notify';

export function ConnectionActions({ connection, onEdit }: { connection: Connection; onEdit: () => void }) {
  const queries = useQueryClient();
  const { id, name, disconnected } = connection;
  const mark = async (next: boolean) => {
    await changeConnection(id, { disconnected: next });
    await queries.invalidateQueries();
  };
  const marking = useMutation({
    mutationFn: mark,
    onSuccess: (_, isDisconnected) => {
      if (isDisconnected) tellUndoable(`Disconnected ${name}`, () => mark(false));
      else tellDone(`Connected ${name} again`);
    },
    onError: tellFailed,
  });
  const Glyph = disconnected ? IconPlugConnected : IconPlugConnectedX;
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
        Edit
      </Button>
      <Button
        variant="default"
        leftSection={<Glyph size={16} aria-hidden />}
        loading={marking.isPending}
        onClick={() => marking.mutate(!disconnected)}
      >
        {disconnected ? 'Reconnect' : 'Disconnect'}
      </Button>
    </>
  );
}
