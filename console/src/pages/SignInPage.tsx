/** Sign in with a token, or with a workspace's key and secret. Neither is kept in the page. */
import {
  Alert,
  Anchor,
  Button,
  Center,
  Paper,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { API_URL } from '@/api/client';
import { type Credentials, sessionQuery, signIn } from '@/api/session';
import { ErrorState } from '@/components/ErrorState';
import { useTitle } from '@/lib/useTitle';

const route = getRouteApi('/sign-in');

export default function SignInPage() {
  const { from, expired } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [way, setWay] = useState<'secret' | 'token'>('secret');
  const entering = useMutation({
    mutationFn: (credentials: Credentials) => signIn(credentials),
    onSuccess: async (session) => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, session);
      // Only a path of the console: an address from outside must not lead anywhere else.
      await navigate({ href: from?.startsWith('/') && !from.startsWith('//') ? from : '/' });
    },
  });
  useTitle('Sign in');
  return (
    <Center mih="100dvh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={420} radius="lg">
        <Stack gap="md">
          <img src="icon.svg" width={40} height={40} alt="" />
          <div>
            <Title order={1} size="h2">
              Sign in to Datalinks
            </Title>
            <Text size="sm" className="quiet">
              The records of your product and of your customers’ apps, linked.
            </Text>
          </div>
          {expired && !entering.error && (
            <Alert color="orange" role="status">
              Your session has ended. Sign in to go on where you were.
            </Alert>
          )}
          {entering.error && <ErrorState error={entering.error} title="Signing in did not work" />}
          <SegmentedControl
            fullWidth
            aria-label="Way to sign in"
            value={way}
            onChange={(next) => setWay(next as typeof way)}
            data={[
              { value: 'secret', label: 'Key and secret' },
              { value: 'token', label: 'Token' },
            ]}
          />
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const form = new FormData(event.currentTarget);
              const value = (name: string) => String(form.get(name) ?? '').trim();
              entering.mutate(
                way === 'token'
                  ? { token: value('token') }
                  : { workspaceKey: value('key'), workspaceSecret: value('secret') },
              );
            }}
          >
            <Stack gap="sm">
              {way === 'secret' ? (
                <>
                  <TextInput name="key" label="Workspace key" autoComplete="username" required autoFocus />
                  <PasswordInput name="secret" label="Workspace secret" autoComplete="current-password" required />
                </>
              ) : (
                <PasswordInput
                  name="token"
                  label="Token"
                  description="An admin's token, or a customer's to see what that customer may see"
                  autoComplete="off"
                  required
                  autoFocus
                />
              )}
              <Button type="submit" loading={entering.isPending} fullWidth>
                Sign in
              </Button>
            </Stack>
          </form>
          <Text size="xs" className="quiet">
            Keys are made with <span className="mono">datalinks workspace create</span>. What the API does is on{' '}
            <Anchor href={`${API_URL}/docs`} inherit underline="always">
              its page
            </Anchor>
            .
          </Text>
        </Stack>
      </Paper>
    </Center>
  );
}
