/** Code that uses a table with one of its connections, ready to run. */
import { Alert, Code, Group, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { API_URL } from '@/api/client';
import { connectionQuery } from '@/api/connections';
import { useInstances } from '@/api/instances';
import { connectionOptions } from '@/api/options';
import type { DataLinkTable } from '@/api/schema';
import { useSession } from '@/api/session';
import { CodeBlock } from '@/components/Copy';
import { PageLink } from '@/components/Page';
import { SearchSelect } from '@/components/SearchSelect';
import { curl, flow, formula, javascript, type Language, type Place, python, runFlow, shellWord } from './snippets';

const route = getRouteApi('/shell/tables/$table');
const NO_CONNECTION = '<connection id>';
const OPTIONS = connectionOptions();

export function TableCode({ table }: { table: DataLinkTable }) {
  const { connection: wanted, language = 'javascript' } = route.useSearch();
  const navigate = useNavigate({ from: '/tables/$table' });
  const { isAdmin } = useSession();
  const connectionId = useConnection(table, wanted);
  const { data: connection } = useQuery({ ...connectionQuery(connectionId ?? ''), enabled: !!connectionId });
  const place: Place = { url: API_URL, tableKey: table.key, connectionId: connectionId ?? NO_CONNECTION };
  const customer = connection?.user?.internalId;

  return (
    <Stack>
      <Group align="flex-end" justify="space-between">
        <SearchSelect
          {...OPTIONS}
          label="Connection to fill in"
          value={connectionId}
          onChange={(next) => navigate({ search: (now) => ({ ...now, connection: next }), replace: true })}
        />
        {isAdmin && customer !== undefined && (
          <Text size="sm" className="quiet">
            A token for trying, in <Code>DATALINKS_TOKEN</Code>:{' '}
            <Code>export DATALINKS_TOKEN=$(datalinks token --customer {shellWord(customer)})</Code>
          </Text>
        )}
      </Group>
      {!connectionId && (
        <Alert color="orange" title="There is no connection yet">
          Links belong to a customer’s connection to an app; put the id of one where it says{' '}
          <Code>{NO_CONNECTION}</Code>. <PageLink to="/connections">Go to the connections</PageLink>
        </Alert>
      )}
      <Tabs
        value={language}
        keepMounted={false}
        variant="pills"
        onChange={(next) =>
          navigate({ search: (now) => ({ ...now, language: (next as Language) ?? undefined }), replace: true })
        }
      >
        <Tabs.List aria-label="Language" mb="sm">
          <Tabs.Tab value="javascript">JavaScript</Tabs.Tab>
          <Tabs.Tab value="python">Python</Tabs.Tab>
          <Tabs.Tab value="curl">curl</Tabs.Tab>
          <Tabs.Tab value="flow">Flow</Tabs.Tab>
          <Tabs.Tab value="formula">Formula</Tabs.Tab>
        </Tabs.List>
        <Panel
          language="javascript"
          about={
            <>
              After <Code>npm install @membranehq/sdk</Code>; it runs as <Code>node links.mjs</Code>.
            </>
          }
        >
          <CodeBlock label="the JavaScript code" code={javascript(place)} />
        </Panel>
        <Panel
          language="python"
          about={
            <>
              The package <Code>datalinks</Code> has the client; it runs as <Code>python links.py</Code>.
            </>
          }
        >
          <CodeBlock label="the Python code" code={python(place)} />
        </Panel>
        <Panel language="curl" about="Every call of the API needs a token; a customer’s is enough.">
          <CodeBlock label="the curl commands" code={curl(place)} />
        </Panel>
        <Panel
          language="flow"
          about={
            <>
              Saved as <Code>flow.json</Code>, it looks for the app record of an external one, and links the two that it
              is given if there is none.
            </>
          }
        >
          <CodeBlock label="the flow" code={flow(place)} />
          <Text size="sm" className="quiet" mt="sm" mb={6}>
            An admin’s token creates it; the connection’s customer runs it.
          </Text>
          <CodeBlock label="the commands that create and run the flow" code={runFlow(place)} />
        </Panel>
        <Panel
          language="formula"
          about={
            <>
              With the variables <Code>contact</Code> and <Code>user</Code>, each finds the record on the other side,
              and leaves nothing where there is no link.{' '}
              <PageLink to="/formulas" search={{ connection: connectionId }}>
                Try it with this connection
              </PageLink>
            </>
          }
        >
          <CodeBlock label="the formula" code={formula(place)} />
        </Panel>
      </Tabs>
    </Stack>
  );
}

function Panel({ language, about, children }: { language: Language; about: ReactNode; children: ReactNode }) {
  return (
    <Tabs.Panel value={language}>
      <Text size="sm" className="quiet" mb={6} component="div">
        {about}
      </Text>
      {children}
    </Tabs.Panel>
  );
}

/** The connection that was chosen, else one that has links in the table, else any. */
function useConnection(table: DataLinkTable, wanted: string | undefined): string | undefined {
  const instances = useInstances({ table: table.id });
  const used = instances.rows[0]?.connectionId;
  const { data: any } = useQuery({
    queryKey: ['connections', 'options', OPTIONS.scope, ''],
    queryFn: ({ signal }) => OPTIONS.load('', signal),
    enabled: !wanted && !used && !instances.isLoading,
  });
  return wanted ?? used ?? any?.[0]?.value;
}
