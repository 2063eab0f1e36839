/** Says that the server went away, and brings the page up to date as soon as it is back. */
import { Alert, Group, Loader, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError } from '@/api/client';
import { untilServerIsThere, whenPresenceChanges } from '@/api/presence';

const isUnreachable = (error: unknown) => error instanceof ApiError && error.isUnreachable;

export function ConnectionLost() {
  const queries = useQueryClient();
  const [isLost, setIsLost] = useState(false);
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query: { state }, type }) => {
        if (type === 'updated' && (isUnreachable(state.error) || isUnreachable(state.fetchFailureReason))) {
          untilServerIsThere();
        }
      }),
    [queries],
  );
  useEffect(
    () =>
      whenPresenceChanges((isThere) => {
        setIsLost(!isThere);
        if (isThere) queries.invalidateQueries();
      }),
    [queries],
  );
  if (!isLost) return null;
  return (
    <Alert color="orange" mb="md" role="status" p="xs">
      <Group gap="sm">
        <Loader size="xs" color="orange" />
        <Text size="sm">The server does not answer. The page goes on as soon as it is back.</Text>
      </Group>
    </Alert>
  );
}
