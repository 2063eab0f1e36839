/** Downloads of the links that are shown, as files. */
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { exportUrl, type LinkFilters } from '@/api/links';
import type { DataLinkTableInstance } from '@/api/schema';

export function ExportMenu({ instance, filters }: { instance: DataLinkTableInstance; filters: LinkFilters }) {
  const isFiltered = !!filters.search || !!filters.direction;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{isFiltered ? 'The links that the filters show' : 'All links'}</Menu.Label>
        <Menu.Item component="a" href={exportUrl(instance, 'csv', filters)} download>
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={exportUrl(instance, 'jsonl', filters)} download>
          JSON lines
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
