/** What is shown in place of a page. */
import { Button, Center } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { useTitle } from '@/lib/useTitle';

const NOT_FOUND = 'There is no such page';

export function NotFoundPage() {
  useTitle(NOT_FOUND);
  return (
    <EmptyState
      isPage
      icon={IconMapOff}
      title={NOT_FOUND}
      action={
        <Button component={Link} to="/">
          Go to the overview
        </Button>
      }
    >
      The address may be mistyped, or what it showed is no longer there.
    </EmptyState>
  );
}

export function PageFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Center mih={200}>
      <ErrorState
        error={error instanceof Error ? error : new Error(String(error))}
        title="This page could not be shown"
        onRetry={() => router.invalidate()}
      />
    </Center>
  );
}
