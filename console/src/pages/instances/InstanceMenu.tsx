/** What can be done with an instance of the list. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconLink, IconUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { archiveInstance, restoreInstance } from '@/api/instances';
import type { DataLinkTableInstance } from '@/api/schema';
import { ElementActions } from '@/components/ElementActions';

export function InstanceMenu({ instance }: { instance: DataLinkTableInstance }) {
  const name = `${instance.dataLinkTable.name} of ${instance.connection.name}`;
  return (
    <ElementActions
      what="instance"
      name={name}
      isArchived={instance.isDeactivated}
      archive={() => archiveInstance(instance.id)}
      restore={() => restoreInstance(instance.id)}
      render={(action) => (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={`Actions for ${name}`} loading={action.isBusy}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              component={Link}
              to={`/instances/${instance.id}`}
              leftSection={<IconLink size={15} aria-hidden />}
            >
              Show links
            </Menu.Item>
            {!instance.isDeactivated && (
              <Menu.Item
                component={Link}
                to={`/instances/${instance.id}/import`}
                leftSection={<IconUpload size={15} aria-hidden />}
              >
                Import a file
              </Menu.Item>
            )}
            <Menu.Item leftSection={<action.icon size={15} aria-hidden />} onClick={action.onClick}>
              {action.label}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    >
      Its links can no longer be found, written or listed until it is restored. None of them is deleted.
    </ElementActions>
  );
}
