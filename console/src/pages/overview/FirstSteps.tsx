/** What a new workspace needs until its first link; gone once everything is there. */
import { Button, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { OverviewCounts } from '@/api/schema';
import { Section } from '@/components/Section';
import { type Step, stepsOf } from './steps';

export function FirstSteps({ counts }: { counts: OverviewCounts }) {
  const steps = stepsOf(counts);
  const next = steps.findIndex((step) => !step.isDone);
  if (next === -1) return null;
  return (
    <Section title="First steps" about="Each step ticks itself when it is done.">
      <Stack component="ol" gap="sm" p="md" m={0} style={{ listStyle: 'none' }}>
        {steps.map((step, index) => (
          <StepRow key={step.title} step={step} number={index + 1} isNext={index === next} />
        ))}
      </Stack>
    </Section>
  );
}

function StepRow({ step, number, isNext }: { step: Step; number: number; isNext: boolean }) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="sm" aria-current={isNext ? 'step' : undefined}>
      <ThemeIcon
        size={26}
        radius="xl"
        variant={step.isDone || isNext ? 'filled' : 'default'}
        color={step.isDone ? 'teal.8' : undefined}
        role="img"
        aria-label={step.isDone ? 'Done' : 'To do'}
      >
        {step.isDone ? <IconCheck size={16} /> : <span aria-hidden>{number}</span>}
      </ThemeIcon>
      <Group flex={1} justify="space-between" gap="xs" miw={0}>
        <div>
          <Text size="sm" fw={600} td={step.isDone ? 'line-through' : undefined}>
            {step.title}
          </Text>
          {!step.isDone && (
            <Text size="sm" className="quiet">
              {step.about}
            </Text>
          )}
        </div>
        {!step.isDone && (
          <Button component={Link} {...(step.to as object)} size="xs" variant={isNext ? 'filled' : 'default'}>
            {step.action}
          </Button>
        )}
      </Group>
    </Group>
  );
}
