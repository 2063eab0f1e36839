/** Formula playground: a formula, its variables and a connection, and what comes out while it is written. */
import { Group, SegmentedControl, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { type Evaluation, evaluationBody, evaluationQuery } from '@/api/formulas';
import { connectionOptions } from '@/api/options';
import type { EvaluationMode } from '@/api/schema';
import { Page } from '@/components/Page';
import { SearchSelect } from '@/components/SearchSelect';
import { tellUndoable } from '@/lib/notify';
import { CodeMenu } from './CodeMenu';
import { ExampleMenu } from './ExampleMenu';
import type { Example } from './examples';
import { type Editor, JsonEditor } from './JsonEditor';
import { usePlayground, written } from './playground';
import { mistakeIn, type Place, placeOfError } from './problems';
import { Result } from './Result';

const route = getRouteApi('/shell/formulas');
const PAUSE_MS = 300;
const CONNECTIONS = connectionOptions();

export default function FormulasPage() {
  const { connection } = route.useSearch();
  const navigate = useNavigate({ from: '/formulas' });
  const { state, update } = usePlayground();
  const formula = useRef<Editor>(null);
  const variables = useRef<Editor>(null);
  const formulaMistake = mistakeIn(state.formula, 'formula');
  const variablesMistake = mistakeIn(state.variables, 'variables');
  const isPaused = !!formulaMistake || !!variablesMistake;

  const current: Evaluation = { ...state, connection };
  const [settled] = useDebouncedValue(JSON.stringify(current), PAUSE_MS);
  const asked = JSON.parse(settled) as Evaluation;
  const canAsk = !mistakeIn(asked.formula, 'formula') && !mistakeIn(asked.variables, 'variables');
  const result = useQuery({ ...evaluationQuery(asked), enabled: canAsk });
  const error = isPaused ? null : result.error;
  const place = error ? placeOfError(error, state.formula, state.variables) : undefined;

  const show = ({ editor, range }: Place) => (editor === 'formula' ? formula : variables).current?.select(range);
  const take = (example: Example) => {
    const before = { formula: state.formula, variables: state.variables };
    update(written(example));
    tellUndoable(`Put ${example.name} in place of the formula`, async () => update(before));
  };

  return (
    <Page
      title="Formulas"
      about="Try a formula with variables and the links of a connection. Nothing is changed."
      actions={
        <>
          <ExampleMenu onChoose={take} />
          <CodeMenu body={isPaused ? undefined : evaluationBody(current)} />
        </>
      }
    >
      <Group align="flex-end" gap="sm">
        <div style={{ flex: '1 1 16rem', maxWidth: '26rem' }}>
          <SearchSelect
            label="Connection"
            placeholder="None: finds stay in place"
            {...CONNECTIONS}
            value={connection}
            onChange={(next) => navigate({ search: { connection: next }, replace: true })}
            clearable
          />
        </div>
        {connection && (
          <TextInput
            label="Instance key"
            placeholder="None"
            value={state.instanceKey ?? ''}
            onChange={(event) => update({ instanceKey: event.currentTarget.value || undefined })}
            w={200}
          />
        )}
        <SegmentedControl
          aria-label="Mode"
          value={state.mode}
          onChange={(mode) => update({ mode: mode as EvaluationMode })}
          data={[
            { value: 'resolve', label: 'Resolve' },
            { value: 'build', label: 'Build' },
          ]}
        />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="sm">
          <JsonEditor
            ref={formula}
            label="Formula"
            description="Any JSON with formulas in it"
            value={state.formula}
            mistake={formulaMistake}
            minRows={8}
            onChange={(value) => update({ formula: value })}
          />
          <JsonEditor
            ref={variables}
            label="Variables"
            description="What $var reads"
            value={state.variables}
            mistake={variablesMistake}
            minRows={6}
            onChange={(value) => update({ variables: value })}
          />
        </Stack>
        <Result
          answer={result.data}
          error={error}
          place={place}
          isBusy={result.isFetching}
          isPaused={isPaused}
          onShow={show}
          onRetry={() => result.refetch()}
        />
      </SimpleGrid>
    </Page>
  );
}
