/** Find anything: places of the console by name, and whatever an id from a support ticket belongs to. */
import { Modal, TextInput } from '@mantine/core';

export default function Palette({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Find anything">
      <TextInput data-autofocus aria-label="Find anything" />
    </Modal>
  );
}
