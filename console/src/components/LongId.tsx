/** An id in a list: on one line, the whole of it on hover. */
import { Text } from '@mantine/core';

export function LongId({ id }: { id: string }) {
  return (
    <Text component="span" inherit truncate display="block" className="mono" title={id}>
      {id}
    </Text>
  );
}
