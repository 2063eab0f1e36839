/** The two records of a link that was found, the one that matched marked. */
import { Group, Mark, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowsHorizontal } from '@tabler/icons-react';
import type { FoundLink } from '@/api/schema';

export function RecordPair({ found }: { found: Pick<FoundLink, 'link' | 'side'> }) {
  const { link, side } = found;
  return (
    <Group component="span" gap={8} wrap="nowrap" miw={0}>
      <RecordId label="app record" id={link.appRecordId} isMatch={side !== 'external'} />
      <IconArrowsHorizontal size={14} aria-hidden style={{ flexShrink: 0 }} />
      <RecordId label="external record" id={link.externalRecordId} isMatch={side !== 'app'} />
    </Group>
  );
}

function RecordId({ label, id, isMatch }: { label: string; id: string; isMatch: boolean }) {
  return (
    <Text component="span" inherit truncate className="mono" title={`${label} ${id}`}>
      <VisuallyHidden component="span">
        {label}
        {isMatch && ' that matches'}{' '}
      </VisuallyHidden>
      {isMatch ? <Mark color="yellow">{id}</Mark> : id}
    </Text>
  );
}
