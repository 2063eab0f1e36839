/** What a formula gives: a value, nothing, or what is wrong and where. */
import { Alert, Box, Button, Code, Group, Loader, Skeleton, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiError } from '@/api/client';
import { CodeBlock } from '@/components/Copy';
import { ErrorState } from '@/components/ErrorState';
import { formatJson, placeOf } from '@/lib/jsonText';
import type { Place } from './problems';

interface Props {
  /** The text of the server's answer. */
  answer: string | undefined;
  error: Error | null;
  /** Where the error belongs. */
  place: Place | undefined;
  isBusy: boolean;
  /** The formula cannot be sent as it is. */
  isPaused: boolean;
  onShow: (place: Place) => void;
  onRetry: () => void;
}

export function Result({ answer, error, place, isBusy, isPaused, onShow, onRetry }: Props) {
  return (
    <Box miw={0}>
      <Group gap="xs" mb={6}>
        <Title order={2} size="h5">
          Result
        </Title>
        {isBusy && <Loader size={14} aria-label="Evaluating" />}
        {isPaused && !isBusy && answer !== undefined && (
          <Text size="xs" className="quiet">
            of the last formula that was JSON
          </Text>
        )}
      </Group>
      <div aria-live="polite">
        {error ? (
          <Failure error={error} place={place} onShow={onShow} onRetry={onRetry} />
        ) : answer === undefined ? (
          <Waiting isPaused={isPaused} />
        ) : (
          <Value answer={answer} />
        )}
      </div>
    </Box>
  );
}

function Waiting({ isPaused }: { isPaused: boolean }) {
  if (!isPaused) return <Skeleton h={90} />;
  return (
    <Text size="sm" className="quiet">
      The result appears here as soon as the formula and the variables are JSON.
    </Text>
  );
}

function Value({ answer }: { answer: string }) {
  const place = placeOf(answer, '$.value');
  const member = place && answer.slice(place.start, place.end);
  // Without the member, the place is the whole answer.
  const text = member?.startsWith('"value"') ? member.slice(member.indexOf(':') + 1).trim() : undefined;
  if (text === undefined) {
    return (
      <Alert color="gray" title="Nothing">
        Nothing is left of the formula (undefined): a variable that is missing, or a link that is not there. That is
        another thing than null.
      </Alert>
    );
  }
  return <CodeBlock code={formatJson(text) ?? text} label="the result" />;
}

function Failure({ error, place, onShow, onRetry }: Pick<Props, 'place' | 'onShow' | 'onRetry'> & { error: Error }) {
  const path = error instanceof ApiError ? error.path : undefined;
  if (!place || path === undefined) return <ErrorState error={error} onRetry={onRetry} />;
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title="The formula cannot be evaluated">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {error.message}
      </Text>
      <Group mt="sm" gap="xs">
        <Code style={{ overflowWrap: 'anywhere' }}>{path}</Code>
        <Button size="compact-sm" variant="default" onClick={() => onShow(place)}>
          Show the place
        </Button>
      </Group>
    </Alert>
  );
}
