/** Small marks beside a name: what is special about it. Nothing special, nothing shown. */
import { Badge, Group } from '@mantine/core';

export const Mark = ({ color, children }: { color: string; children: string }) => (
  <Badge variant="light" color={color} tt="none" size="sm" autoContrast>
    {children}
  </Badge>
);

export function Marks({ isTest, archivedAt }: { isTest?: boolean; archivedAt?: string | null }) {
  if (!isTest && !archivedAt) return null;
  return (
    <Group component="span" gap={4} wrap="nowrap" display="inline-flex">
      {isTest && <Mark color="violet">Test</Mark>}
      {archivedAt && <Mark color="gray">Archived</Mark>}
    </Group>
  );
}
