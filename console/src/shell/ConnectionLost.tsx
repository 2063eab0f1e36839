/** Says that the server went away, asks until it is back, and then brings the page up to date. */
import { Alert, Group, Loader, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { API_URL, ApiError } from '@/api/client';

const ASK_EVERY_MS = 2_000;

export function ConnectionLost() {
  const queries = useQueryClient();
  const [isLost, setIsLost] = useState(false);
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        const error = event.query.state.error;
        const failed = event.query.state.fetchFailureReason;
        if ([error, failed].some((each) => each instanceof ApiError && each.isUnreachable)) setIsLost(true);
      }),
    [queries],
  );
  useEffect(() => {
    if (!isLost) return;
    const timer = setInterval(async () => {
      const answer = await fetch(`${API_URL}/ready`).catch(() => null);
      if (!answer?.ok) return;
      setIsLost(false);
      queries.invalidateQueries();
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLost, queries]);
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
