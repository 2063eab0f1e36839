/** An empty list: why it is empty and what to do next. */
import { Stack, Text, ThemeIcon, Title } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface Props {
  icon: Icon;
  title: string;
  children?: ReactNode;
  /** A button or link to what comes next. */
  action?: ReactNode;
  /** It is all that the page has, so its title is the page's. */
  isPage?: boolean;
}

export function EmptyState({ icon: Glyph, title, children, action, isPage }: Props) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <ThemeIcon size={44} radius="xl" variant="light" aria-hidden>
        <Glyph size={22} />
      </ThemeIcon>
      {isPage ? (
        <Title order={1} size="h3">
          {title}
        </Title>
      ) : (
        <Text fw={600}>{title}</Text>
      )}
      {children && (
        <Text size="sm" className="quiet" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
