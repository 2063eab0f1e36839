/** Credentials of a connection: they can be replaced and their token renewed, but never read. */
import { Button, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Connection, renewToken } from '@/api/connections';
import { integrationQuery } from '@/api/integrations';
import { Section } from '@/components/Section';
import { tellDone, tellFailed } from '@/lib/notify';

export function CredentialsSection({ connection, onReplace }: { connection: Connection; onReplace?: () => void }) {
  const queries = useQueryClient();
  const { data: integration } = useQuery(integrationQuery(connection.integrationId));
  const hasTokens = integration?.auth?.type.startsWith('oauth2');
  const renewing = useMutation({
    mutationFn: () => renewToken(connection.id),
    onSuccess: () => tellDone(`Renewed the access token of ${connection.name}`),
    onError: tellFailed,
    // A refused renewal disconnects it.
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Section
      title="Credentials"
      actions={
        onReplace && (
          <>
            {hasTokens && (
              <Button variant="default" size="xs" loading={renewing.isPending} onClick={() => renewing.mutate()}>
                Renew the access token
              </Button>
            )}
            <Button variant="default" size="xs" onClick={onReplace}>
              Replace credentials
            </Button>
          </>
        )
      }
    >
      <Text size="sm" className="quiet" p="md">
        Kept encrypted and never shown. They can only be replaced.
      </Text>
    </Section>
  );
}
