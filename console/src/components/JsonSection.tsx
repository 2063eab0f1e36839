/** Objects of one thing as JSON, each under its name; those that are not there are left out. */
import { Box, SimpleGrid, Text } from '@mantine/core';
import { writeJson } from '@/lib/json';
import { CodeBlock } from './Copy';
import { Section } from './Section';

interface Props {
  title: string;
  values: { label: string; value: unknown }[];
}

export function JsonSection({ title, values }: Props) {
  const given = values.filter((each) => each.value !== null && each.value !== undefined);
  if (given.length === 0) return null;
  return (
    <Section title={title}>
      <SimpleGrid cols={{ base: 1, md: given.length }} p="md">
        {given.map(({ label, value }) => (
          <Box key={label} miw={0}>
            <Text size="xs" className="quiet" mb={4}>
              {label}
            </Text>
            <CodeBlock code={writeJson(value)} label={label.toLowerCase()} />
          </Box>
        ))}
      </SimpleGrid>
    </Section>
  );
}
