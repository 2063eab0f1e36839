/** The frame of a page: where it is, its title, what can be done, and its content. */
import { Anchor, Box, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTitle } from '@/lib/useTitle';

/** An anchor that goes to a page of the console. */
export function PageLink({ children, ...to }: LinkProps & { children: ReactNode }) {
  return (
    <Anchor component={Link} size="sm" {...(to as object)}>
      {children}
    </Anchor>
  );
}

interface Props {
  title: string;
  /** The pages above this one. */
  above?: { label: string; to: LinkProps }[];
  /** A line under the title. */
  about?: ReactNode;
  /** Buttons on the right. */
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, above, about, actions, children }: Props) {
  useTitle(title);
  return (
    <Stack gap="md">
      <Box>
        {above && (
          <Breadcrumbs mb={4} separatorMargin={6}>
            {above.map((each) => (
              <PageLink key={each.label} {...each.to}>
                {each.label}
              </PageLink>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Box miw={0} flex="1 1 14rem">
            <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {about && (
              <Text size="sm" className="quiet" component="div" style={{ overflowWrap: 'anywhere' }}>
                {about}
              </Text>
            )}
          </Box>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </Box>
      {children}
    </Stack>
  );
}
