/** What is shown in place of a page. */
import { Button, Center } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import { EmptyState } from '@/components/EmptyState';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <EmptyState
        icon={IconMapOff}
        title="Nothing is at this address"
        action={
          <Button component={Link} to="/">
            Go to the overview
          </Button>
        }
      >
        It may be mistyped, or what it showed is no longer there.
      </EmptyState>
    </Page>
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
