/** Archives what a page shows, after asking and with a way back, or restores it. */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type Icon, IconArchive, IconArchiveOff } from '@tabler/icons-react';
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
  /** What it looks like where it is no button of a page, such as a menu of a row. */
  render?: (action: { label: string; icon: Icon; isBusy: boolean; onClick: () => void }) => ReactNode;
  /** Says what archiving hides and what it keeps. */
  children: ReactNode;
}

export function ElementActions({ what, name, isArchived, archive, restore, render, children }: Props) {
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

  const action = isArchived
    ? { label: 'Restore', icon: IconArchiveOff, isBusy: restoring.isPending, onClick: () => restoring.mutate() }
    : { label: 'Archive', icon: IconArchive, isBusy: archiving.isPending, onClick: asking.open };
  return (
    <>
      {render ? (
        render(action)
      ) : (
        <Button
          variant={isArchived ? 'light' : 'default'}
          leftSection={<action.icon size={16} aria-hidden />}
          loading={action.isBusy}
          onClick={action.onClick}
        >
          {action.label}
        </Button>
      )}
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
