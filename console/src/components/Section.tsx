/** A part of a page with a heading of its own. */
import { Box, Group, Text, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface Props {
  title: string;
  /** A line under the heading. */
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, about, actions, children }: Props) {
  const id = useId();
  return (
    <Box component="section" className="card" aria-labelledby={id} style={{ overflow: 'hidden' }}>
      <Group justify="space-between" px="md" py="sm" gap="xs" style={{ borderBottom: '1px solid var(--line)' }}>
        <div>
          <Title order={2} size="h5" id={id}>
            {title}
          </Title>
          {about && (
            <Text size="sm" className="quiet">
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Box>
  );
}
