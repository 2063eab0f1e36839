/** A time as how long ago it was, with the exact moment on hover. */
import { Text, Tooltip } from '@mantine/core';
import { formatAgo, formatMoment } from '@/lib/format';

export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="quiet">never</span>;
  return (
    <Tooltip label={formatMoment(at)}>
      <Text component="time" dateTime={at} inherit>
        {formatAgo(at)}
      </Text>
    </Tooltip>
  );
}
