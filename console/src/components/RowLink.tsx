/** The name of a row as a link to its page. The row itself is the keyboard's stop and opens by Enter. */
import { Anchor } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function RowLink({ children, ...to }: LinkProps & { children: ReactNode }) {
  return (
    <Anchor component={Link} inherit fw={500} c="inherit" tabIndex={-1} {...(to as object)}>
      {children}
    </Anchor>
  );
}
