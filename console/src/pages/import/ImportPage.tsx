/** Import: choose a file, say what its columns are, see what would change, and write it. */
import { Box, Skeleton, Stepper, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { instanceQuery } from '@/api/instances';
import { Confirm } from '@/components/Confirm';
import { ErrorState } from '@/components/ErrorState';
import { Page } from '@/components/Page';
import { CheckStep } from './CheckStep';
import { FileStep } from './FileStep';
import { type Step, useImportState } from './importState';
import { MapStep } from './MapStep';
import { firstMapping } from './prepare';
import { RunStep } from './RunStep';
import { useUpload } from './useUpload';

const route = getRouteApi('/shell/instances/$instance/import');
const STEPS: { step: Step; label: string }[] = [
  { step: 'file', label: 'File' },
  { step: 'map', label: 'Columns' },
  { step: 'check', label: 'Preview' },
  { step: 'run', label: 'Import' },
];

export default function ImportPage() {
  const { instance } = route.useParams();
  // What is kept, and what is under way, belongs to one instance.
  return <Import key={instance} instance={instance} />;
}

function Import({ instance }: { instance: string }) {
  const target = useQuery(instanceQuery(instance));
  const { state, update, reset } = useImportState(instance);
  const { send, cancel, sent } = useUpload(instance, update);
  const { step, opened, mapping, checkId, checked, run } = state;
  const isRunning = !!run?.isRunning;
  const leaving = useBlocker({
    shouldBlockFn: ({ next }) => next.pathname !== '/sign-in',
    enableBeforeUnload: isRunning,
    disabled: !isRunning,
    withResolver: true,
  });
  const content = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    content.current?.querySelector<HTMLElement>('h2')?.focus();
  }, [step]);

  const name = target.data ? `${target.data.dataLinkTable.name} · ${target.data.connection.name}` : 'Links';
  const above = [
    { label: 'Instances', to: { to: '/instances' } as const },
    { label: name, to: { to: '/instances/$instance', params: { instance } } as const },
  ];
  if (target.error && !target.data) {
    return (
      <Page title="Import" above={above}>
        <ErrorState
          error={target.error}
          title="This instance cannot be imported into"
          onRetry={() => target.refetch()}
        />
      </Page>
    );
  }

  const active = STEPS.findIndex((each) => each.step === step);
  return (
    <Page
      title="Import"
      above={above}
      about={target.data ? `Links of ${name}` : <Skeleton h={14} w={200} my={4} aria-label="Loading" />}
    >
      <Stepper
        active={active}
        size="sm"
        visibleFrom="sm"
        onStepClick={(index) => update({ step: STEPS[index]?.step ?? 'file' })}
      >
        {STEPS.map((each, index) => (
          <Stepper.Step
            key={each.step}
            label={each.label}
            allowStepSelect={index < active && !isRunning && !run?.report}
          />
        ))}
      </Stepper>
      <Text size="sm" className="quiet" hiddenFrom="sm">
        Step {active + 1} of {STEPS.length}
      </Text>
      <Box ref={content} className="card" p="md">
        {step === 'file' && (
          <FileStep
            onOpened={(file) => update({ step: 'map', opened: file, mapping: firstMapping(file), run: undefined })}
          />
        )}
        {step === 'map' && opened && mapping && (
          <MapStep
            opened={opened}
            mapping={mapping}
            onChange={(change) => update(change)}
            onBack={() => update({ step: 'file' })}
            onNext={() => update({ step: 'check', checkId: crypto.randomUUID(), checked: undefined, run: undefined })}
          />
        )}
        {step === 'check' && opened && mapping && checkId && (
          <CheckStep
            instance={instance}
            opened={opened}
            mapping={mapping}
            checkId={checkId}
            onBack={() => update({ step: 'map' })}
            onImport={(found) => {
              update({ checked: found });
              send(found.prepared, crypto.randomUUID());
            }}
          />
        )}
        {step === 'run' && run && opened && checked && (
          <RunStep
            instance={instance}
            fileName={opened.file.name}
            run={run}
            checked={checked}
            sent={sent}
            onCancel={cancel}
            onGoOn={() => send(checked.prepared, run.importId)}
            onBack={() => update({ step: 'map' })}
            onAgain={reset}
          />
        )}
      </Box>
      <Confirm
        opened={leaving.status === 'blocked'}
        title="Stop the import?"
        action="Stop and leave"
        onConfirm={() => leaving.proceed?.()}
        onClose={() => leaving.reset?.()}
      >
        The file is still being imported. Leaving this page stops it; the rows that are done stay.
      </Confirm>
    </Page>
  );
}
