/** Last step: how far the import is, why it stopped, or what came of it. */
import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { importProgressQuery } from '@/api/imports';
import { ErrorState } from '@/components/ErrorState';
import { formatNumber } from '@/lib/format';
import { Counts } from './Counts';
import { Findings } from './Findings';
import type { Checked, Run } from './importState';
import { formatSeconds, paceOf, rowsDone } from './progress';
import { StepTitle } from './StepTitle';

const ASK_EVERY_MS = 1_000;

interface Props {
  instance: string;
  fileName: string;
  run: Run;
  checked: Checked;
  /** The share of the file that is sent. */
  sent: number;
  onCancel: () => void;
  onGoOn: () => void;
  onBack: () => void;
  onAgain: () => void;
}

export function RunStep(props: Props) {
  const { instance, fileName, run, checked, sent, onAgain } = props;
  const progress = useQuery({
    ...importProgressQuery(instance, run.importId),
    refetchInterval: ASK_EVERY_MS,
    enabled: !run.report,
  });
  const total = checked.report.rows;
  const rows = Math.min(total, rowsDone(run.report ?? progress.data));

  if (run.report) {
    return (
      <Stack gap="md">
        <StepTitle title="Imported">{fileName} is imported.</StepTitle>
        <Counts report={run.report} />
        <Group>
          <Button renderRoot={(props) => <Link to="/instances/$instance" params={{ instance }} {...props} />}>
            See the links
          </Button>
          <Button variant="default" onClick={onAgain}>
            Import another file
          </Button>
        </Group>
        <Findings report={run.report} fileName={fileName} lineShift={checked.prepared.lineShift} />
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <StepTitle title={run.isRunning ? 'Importing' : 'Import stopped'}>{fileName}</StepTitle>
      <div>
        <Progress value={total ? (rows / total) * 100 : 0} animated={run.isRunning} aria-label="Rows done" size="lg" />
        <Text size="sm" mt={6} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {formatNumber(rows)} of {formatNumber(total)} rows done
          {run.isRunning && (
            <span className="quiet">
              {sent < 1 && ` · ${Math.round(sent * 100)} % of the file sent`}
              <Pace run={run} rows={rows} total={total} />
            </span>
          )}
        </Text>
      </div>
      {run.isRunning ? (
        <Group>
          <Button variant="default" onClick={props.onCancel}>
            Cancel the import
          </Button>
          <Text size="sm" className="quiet">
            Stay on this page until it is done. What is done stays, also if you cancel.
          </Text>
        </Group>
      ) : (
        <Stopped {...props} rows={progress.isPending ? undefined : rows} />
      )}
    </Stack>
  );
}

function Pace({ run, rows, total }: { run: Run; rows: number; total: number }) {
  const { rate, secondsLeft } = paceOf(rows, total, run.rowsBefore, (Date.now() - run.startedAt) / 1000);
  if (rate === undefined || secondsLeft === undefined) return null;
  return (
    <>
      {' '}
      · {formatNumber(Math.round(rate))} rows a second
      {secondsLeft > 0 && ` · about ${formatSeconds(secondsLeft)} left`}
    </>
  );
}

/** `rows`: how many are done; undefined until the server has said so. */
function Stopped({ run, rows, onGoOn, onBack }: Props & { rows: number | undefined }) {
  return (
    <>
      {run.error ? (
        <ErrorState error={run.error} title="The import stopped" />
      ) : (
        <Alert color="orange" role="status">
          The import was cancelled.
        </Alert>
      )}
      {rows !== undefined && (
        <Text size="sm">
          {rows > 0
            ? 'The rows that are done stay. Going on sends the file again and skips them.'
            : 'No row is written yet. Going on sends the file again.'}
        </Text>
      )}
      <Group>
        <Button onClick={onGoOn}>Go on</Button>
        <Button variant="default" onClick={onBack}>
          Back to the columns
        </Button>
      </Group>
    </>
  );
}
