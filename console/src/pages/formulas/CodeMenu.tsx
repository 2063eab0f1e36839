/** The evaluation as code, copied. */
import { Button, Menu } from '@mantine/core';
import { IconCode } from '@tabler/icons-react';
import { API_URL } from '@/api/client';
import { tellDone, tellFailed } from '@/lib/notify';
import { asCurl, asPython } from './snippets';

export function CodeMenu({ body }: { body: string | undefined }) {
  const copy = async (code: string, what: string) => {
    try {
      await navigator.clipboard.writeText(code);
      tellDone(`Copied as ${what}`);
    } catch {
      tellFailed(new Error('The browser does not let this page copy.'));
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" disabled={body === undefined} leftSection={<IconCode size={16} aria-hidden />}>
          Copy as code
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => copy(asCurl(API_URL, body ?? ''), 'curl')}>Copy as curl</Menu.Item>
        <Menu.Item onClick={() => copy(asPython(API_URL, body ?? ''), 'Python')}>Copy as Python</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
