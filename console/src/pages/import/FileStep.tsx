/** First step: drop or choose a file, and hear at once if it cannot be imported. */
import '@mantine/dropzone/styles.css';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { IconAlertTriangle, IconFileImport } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { type Opened, open } from './head';
import { StepTitle } from './StepTitle';
import { WrongFile } from './sniff';

export function FileStep({ onOpened }: { onOpened: (opened: Opened) => void }) {
  const [problem, setProblem] = useState<{ name?: string; message: string }>();
  const [isOpening, setIsOpening] = useState(false);
  const choose = useRef<() => void>(null);

  const take = async (file: File) => {
    setProblem(undefined);
    setIsOpening(true);
    try {
      onOpened(await open(file));
    } catch (error) {
      const message = error instanceof WrongFile ? error.message : `It cannot be read: ${(error as Error).message}`;
      setProblem({ name: file.name, message });
      setIsOpening(false);
    }
  };

  return (
    <Stack gap="md">
      <StepTitle title="Choose a file">
        CSV, JSON lines or Parquet, of any size: one link on each row, with the id of a record of your product and the
        id of a record of the external app.
      </StepTitle>
      {problem && (
        <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={problem.name}>
          {problem.message}
        </Alert>
      )}
      <Dropzone
        openRef={choose}
        multiple={false}
        activateOnKeyboard={false}
        tabIndex={-1}
        loading={isOpening}
        inputProps={{ 'aria-label': 'File to import' }}
        onDrop={(files) => files[0] && take(files[0])}
        onReject={() => setProblem({ message: 'Drop one file at a time, and no folder.' })}
      >
        <Stack align="center" gap={6} py="xl" style={{ pointerEvents: 'none' }}>
          <IconFileImport size={36} stroke={1.4} aria-hidden />
          <Text fw={600}>Drop the file here</Text>
          <Text size="sm" className="quiet" ta="center">
            Commas, semicolons or tabs; UTF-8, UTF-16 or Windows-1252
          </Text>
        </Stack>
      </Dropzone>
      <Group>
        <Button onClick={() => choose.current?.()} loading={isOpening}>
          Choose a file
        </Button>
        <Text size="sm" className="quiet">
          Nothing is written before you have seen what would change.
        </Text>
      </Group>
    </Stack>
  );
}
