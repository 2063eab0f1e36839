/** The page of one thing while that is on its way, or where it cannot be had. */
import { Skeleton } from '@mantine/core';
import type { ComponentProps } from 'react';
import { ErrorState } from './ErrorState';
import { Page } from './Page';

interface Props extends Pick<ComponentProps<typeof Page>, 'title' | 'above'> {
  error: Error | null;
  onRetry: () => void;
}

export function PageWaiting({ title, above, error, onRetry }: Props) {
  return (
    <Page title={title} above={above}>
      {error ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : (
        <div role="status" aria-label={`Loading: ${title}`}>
          <Skeleton h={90} mb="md" />
          <Skeleton h={220} />
        </div>
      )}
    </Page>
  );
}
