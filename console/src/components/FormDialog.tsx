/** A form in a dialog: the first field has the keyboard, Enter sends it, what the server refuses is said. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorState } from './ErrorState';

interface Props {
  opened: boolean;
  title: string;
  /** What the button that sends it says. */
  action: string;
  isBusy: boolean;
  /** What no field shows. */
  error: Error | null;
  size?: string;
  onSubmit: () => void;
  onClose: () => void;
  /** The fields; `data-autofocus` marks the first one. */
  children: ReactNode;
}

export function FormDialog({ opened, title, action, isBusy, error, size, onSubmit, onClose, children }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={size ?? 'md'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap="md">
          {children}
          {error && <ErrorState error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
