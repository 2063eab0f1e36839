/** An integration as people know it: its initials in a colour of its own, and its name. No picture comes from another host. */
import { Avatar, Group, Text } from '@mantine/core';

export function IntegrationName({ name }: { name: string }) {
  return (
    <Group gap={8} wrap="nowrap" miw={0} component="span">
      <Avatar component="span" size={22} radius="sm" name={name} color="initials" aria-hidden />
      <Text component="span" inherit truncate>
        {name}
      </Text>
    </Group>
  );
}
