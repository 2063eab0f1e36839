/** Third step: what importing the file would change, as the server says without writing anything. */
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sendFile } from '@/api/imports';
import { ErrorState } from '@/components/ErrorState';
import { formatNumber, plural } from '@/lib/format';
import { Counts } from './Counts';
import { Findings } from './Findings';
import type { Opened } from './head';
import type { Checked } from './importState';
import type { Mapping } from './mapping';
import { prepare } from './prepare';
import { StepTitle } from './StepTitle';
import { optionsOf } from './useUpload';

interface Props {
  instance: string;
  opened: Opened;
  mapping: Mapping;
  checkId: string;
  onBack: () => void;
  onImport: (checked: Checked) => void;
}

export function CheckStep({ instance, opened, mapping, checkId, onBack, onImport }: Props) {
  const [sent, setSent] = useState(0);
  const check = useQuery({
    queryKey: ['imports', instance, 'check', checkId],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    queryFn: async ({ signal }): Promise<Checked> => {
      setSent(0);
      const prepared = await prepare(opened, mapping, signal);
      const { body, mediaType } = prepared;
      const options = { ...optionsOf(prepared), dryRun: 'true' };
      const report = await sendFile({ instance, body, mediaType, options, signal, onSent: setSent });
      return { prepared, report };
    },
  });
  const report = check.data?.report;
  const nothingNew = report && report.new === 0;
  return (
    <Stack gap="md">
      <StepTitle title="Preview">What importing {opened.file.name} would change. Nothing is written yet.</StepTitle>
      {check.isFetching && <Checking sent={sent} />}
      {!check.isFetching && check.error && (
        <ErrorState error={check.error} title="The file cannot be imported so" onRetry={() => check.refetch()} />
      )}
      {!check.isFetching && check.data && report && (
        <>
          <Counts report={report} />
          {nothingNew && (
            <Alert color="blue">
              {report.rows === report.bad
                ? 'No row can be imported. Map other columns, or mend the file.'
                : 'There is nothing to import: all links of the file are there already.'}
            </Alert>
          )}
          {!!report.displacing && (
            <Alert color="orange">
              {plural(report.displacing, 'new row gives', 'new rows give')} a record another link than it has. The old
              links stay; lookups that want one answer get the new one.
            </Alert>
          )}
          <Findings report={report} fileName={opened.file.name} lineShift={check.data.prepared.lineShift} />
        </>
      )}
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          Back to the columns
        </Button>
        <Button
          disabled={!check.data || check.isFetching || nothingNew}
          onClick={() => check.data && onImport(check.data)}
        >
          {report?.new ? `Import ${formatNumber(report.new)} new ${report.new === 1 ? 'row' : 'rows'}` : 'Import'}
        </Button>
      </Group>
    </Stack>
  );
}

function Checking({ sent }: { sent: number }) {
  return (
    <div role="status">
      <Text size="sm" mb={6}>
        {sent < 1 ? `Sending the file: ${Math.round(sent * 100)} %` : 'Comparing with the links that are there…'}
      </Text>
      <Progress value={sent * 100} animated={sent >= 1} aria-label="File sent" />
    </div>
  );
}
