/** What failed, where, and a way to try again. */
import { Alert, Button, Code, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '@/api/client';

interface Props {
  error: Error;
  onRetry?: () => void;
  title?: string;
}

export function ErrorState({ error, onRetry, title }: Props) {
  const place = error instanceof ApiError ? error.path : undefined;
  const isUnreachable = error instanceof ApiError && error.isUnreachable;
  return (
    <Alert
      m="sm"
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={title ?? (isUnreachable ? 'The server cannot be reached' : 'This did not work')}
    >
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {error.message}
        {place && (
          <>
            {' '}
            Where: <Code>{place}</Code>
          </>
        )}
      </Text>
      {onRetry && (
        <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
