/** Short messages in the corner; what can be undone says so for ten seconds. */
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

const UNDO_MS = 10_000;

export const tellDone = (message: string): void => {
  notifications.show({ message, color: 'teal' });
};

export const tellFailed = (error: Error): void => {
  notifications.show({
    title: 'This did not work',
    message: <span className="quiet">{error.message}</span>,
    color: 'red',
    autoClose: 10_000,
  });
};

/** Say what was done, with a button that takes it back. */
export function tellUndoable(message: string, undo: () => Promise<void>): void {
  const id = notifications.show({
    autoClose: UNDO_MS,
    color: 'gray',
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            undo().catch(tellFailed);
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
