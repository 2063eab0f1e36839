/** Formulas to begin with. */
import { Button, Menu, Text } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { Fragment } from 'react';
import { EXAMPLES, type Example } from './examples';

export function ExampleMenu({ onChoose }: { onChoose: (example: Example) => void }) {
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconBulb size={16} aria-hidden />}>
          Examples
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={440} style={{ overflow: 'auto' }}>
        {EXAMPLES.map(({ title, examples }) => (
          <Fragment key={title}>
            <Menu.Label className="quiet">{title}</Menu.Label>
            {examples.map((example) => (
              <Menu.Item key={example.name} onClick={() => onChoose(example)}>
                <Text size="sm" className="mono">
                  {example.name}
                </Text>
                <Text size="xs" className="quiet">
                  {example.about}
                </Text>
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
