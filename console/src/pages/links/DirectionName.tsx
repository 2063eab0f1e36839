/** Which way a link is read, as an icon and a word. */
import { Group } from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight } from '@tabler/icons-react';
import type { Direction } from '@/api/schema';

const DIRECTIONS = {
  import: { label: 'Import', icon: IconArrowDownLeft, color: 'var(--mantine-color-teal-6)' },
  export: { label: 'Export', icon: IconArrowUpRight, color: 'var(--mantine-color-brand-5)' },
};

export function DirectionName({ direction }: { direction: Direction }) {
  const { label, icon: Glyph, color } = DIRECTIONS[direction];
  return (
    <Group component="span" gap={6} wrap="nowrap" display="inline-flex" style={{ verticalAlign: 'middle' }}>
      <Glyph size={16} color={color} aria-hidden />
      {label}
    </Group>
  );
}
