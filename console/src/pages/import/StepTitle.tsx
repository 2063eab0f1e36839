/** The heading of a step; the keyboard goes there when the step begins. */
import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

export function StepTitle({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div>
      <Title order={2} size="h4" tabIndex={-1} style={{ outline: 'none' }}>
        {title}
      </Title>
      {children && (
        <Text size="sm" className="quiet" style={{ overflowWrap: 'anywhere' }}>
          {children}
        </Text>
      )}
    </div>
  );
}
