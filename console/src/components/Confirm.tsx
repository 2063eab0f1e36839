/** Asks before something that cannot be taken back by itself. */
import { Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

interface Props {
  opened: boolean;
  title: string;
  children: ReactNode;
  /** What the button that does it says. */
  action: string;
  /** Must be typed before the button works. */
  typed?: string;
  isBusy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ opened, title, children, action, typed, isBusy, onConfirm, onClose }: Props) {
  const [text, setText] = useState('');
  const close = () => {
    setText('');
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Text size="sm" component="div">
          {children}
        </Text>
        {typed && (
          <TextInput
            mt="md"
            label={`Type ${typed} to go on`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <Group mt="lg" justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={isBusy} disabled={typed !== undefined && text !== typed}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
