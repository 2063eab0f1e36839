/** One thing that the palette found; for a link also whose it is, and which of its records matches. */
import { Text } from '@mantine/core';
import { RecordPair } from '@/components/RecordPair';
import classes from './Palette.module.css';
import type { Item } from './paletteItems';

interface Props {
  id: string | undefined;
  item: Item;
  isActive: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

export function PaletteOption({ id, item, isActive, onPoint, onChoose }: Props) {
  const { found } = item;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard stays in the box above, which leads through the options
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={classes.option}
      onMouseMove={onPoint}
      onClick={onChoose}
    >
      <item.icon size={16} aria-hidden />
      {found ? (
        <div className={classes.text}>
          <RecordPair found={found} />
          <Text size="xs" className="quiet" truncate>
            {[
              found.side === 'both' ? 'either record' : `${found.side} record`,
              found.link.direction,
              found.dataLinkTable.name,
              found.customer.name || found.customer.internalId,
              found.integration.name,
            ].join(' · ')}
          </Text>
        </div>
      ) : (
        <span className={classes.text}>{item.label}</span>
      )}
    </div>
  );
}
