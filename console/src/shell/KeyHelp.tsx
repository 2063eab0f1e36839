/** The keys that work, on one sheet. */
import { Kbd, Modal, Table } from '@mantine/core';

const KEYS: [string[], string][] = [
  [['Ctrl', 'K'], 'Find anything: an id, a table, a customer'],
  [['/'], 'Go to the search box of the page'],
  [['?'], 'Show these keys'],
  [['↑', '↓'], 'Move in a list; Home, End, Page Up and Page Down too'],
  [['Enter'], 'Open the row'],
  [['Space'], 'Select the row'],
  [['Esc'], 'Close what is open'],
];

export function KeyHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard">
      <Table>
        <Table.Tbody>
          {KEYS.map(([keys, meaning]) => (
            <Table.Tr key={meaning}>
              <Table.Td w={130}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
