/** Archives what a page shows, after asking and with a way back, or restores it. */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArchive, IconArchiveOff } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { tellDone, tellFailed, tellUndoable } from '@/lib/notify';
import { Confirm } from './Confirm';

interface Props {
  /** What it is: "customer". */
  what: string;
  name: string;
  isArchived: boolean;
  archive: () => Promise<unknown>;
  restore: () => Promise<unknown>;
  /** Says what archiving hides and what it keeps. */
  children: ReactNode;
}

export function ElementActions({ what, name, isArchived, archive, restore, children }: Props) {
  const [isAsking, asking] = useDisclosure();
  const queries = useQueryClient();
  // Much else hides or comes back with it, on any page.
  const refresh = () => queries.invalidateQueries();
  const restoring = useMutation({
    mutationFn: restore,
    onSuccess: async () => {
      tellDone(`Restored the ${what} ${name}`);
      await refresh();
    },
    onError: tellFailed,
  });
  const archiving = useMutation({
    mutationFn: archive,
    onSuccess: async () => {
      asking.close();
      tellUndoable(`Archived the ${what} ${name}`, async () => {
        await restore();
        await refresh();
      });
      await refresh();
    },
    onError: tellFailed,
  });

  if (isArchived) {
    return (
      <Button
        variant="light"
        leftSection={<IconArchiveOff size={16} aria-hidden />}
        loading={restoring.isPending}
        onClick={() => restoring.mutate()}
      >
        Restore
      </Button>
    );
  }
  return (
    <>
      <Button variant="default" leftSection={<IconArchive size={16} aria-hidden />} onClick={asking.open}>
        Archive
      </Button>
      <Confirm
        opened={isAsking}
        title={`Archive the ${what} ${name}?`}
        action={`Archive ${what}`}
        isBusy={archiving.isPending}
        onConfirm={() => archiving.mutate()}
        onClose={asking.close}
      >
        {children}
      </Confirm>
    </>
  );
}
