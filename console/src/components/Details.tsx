/** What is known of one thing, as names and values. */
import { Box, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function Details({ items }: { items: { label: string; value: ReactNode }[] }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="md" m={0} p="md">
      {items.map(({ label, value }) => (
        <Box key={label} miw={0}>
          <Text component="dt" size="xs" className="quiet">
            {label}
          </Text>
          <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
            {value ?? <span className="quiet">none</span>}
          </Text>
        </Box>
      ))}
    </SimpleGrid>
  );
}
