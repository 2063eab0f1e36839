/** What is around every page: the places to go, who is signed in, and the keys that work everywhere. */
import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useNavigate, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { type Session, sessionQuery, signOut } from '@/api/session';
import { tellFailed } from '@/lib/notify';
import { ConnectionLost } from './ConnectionLost';
import { KeyHelp } from './KeyHelp';
import { PLACES } from './nav';

// Nobody needs it before the first page is there.
const Palette = lazy(() => import('./Palette'));

/** The shell for whoever is signed in; whoever is not any more is asked to sign in again. */
export function Shell() {
  const { data: session } = useQuery(sessionQuery);
  return session ? <Signed session={session} /> : <SignInAgain />;
}

function SignInAgain() {
  const router = useRouter();
  // Where the session ended: the address changes while this goes to the sign-in.
  const [from] = useState(router.state.location.href);
  return <Navigate to="/sign-in" search={{ from, expired: true }} />;
}

function Signed({ session }: { session: Session }) {
  const [navOpened, nav] = useDisclosure();
  const [paletteOpened, palette] = useDisclosure();
  const [helpOpened, help] = useDisclosure();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going to a page closes the menu that led there
  useEffect(() => nav.close(), [path]);
  useHotkeys(
    [
      ['shift+?', () => help.open()],
      ['/', () => document.querySelector<HTMLInputElement>('[data-search-box]')?.focus()],
    ],
    ['INPUT', 'TEXTAREA', 'SELECT'],
  );
  useHotkeys([['mod+K', () => palette.open()]], []);

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 230, breakpoint: 'sm', collapsed: { mobile: !navOpened } }}
      padding="md"
    >
      <Button component="a" href="#main" className="skip-link" size="xs">
        Skip to the page
      </Button>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={navOpened} onClick={nav.toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Group component="span" gap={8} wrap="nowrap" visibleFrom="xs">
              <img src="icon.svg" width={24} height={24} alt="" />
              <Text fw={700}>Datalinks</Text>
            </Group>
            <Badge variant="light" color="gray" tt="none" title="Workspace" style={{ flexShrink: 1 }}>
              {session.workspace.name || session.workspace.key}
            </Badge>
          </Group>
          <Group gap={6} wrap="nowrap">
            <UnstyledButton onClick={palette.open} className="card" px="sm" py={5}>
              <Group gap={8} wrap="nowrap">
                <IconSearch size={15} aria-hidden />
                <VisuallyHidden>Find anything</VisuallyHidden>
                <Text size="sm" className="quiet" visibleFrom="md" aria-hidden>
                  Find anything
                </Text>
                <Kbd size="xs" aria-hidden visibleFrom="sm">
                  {navigator.platform.startsWith('Mac') ? '⌘' : 'Ctrl'} K
                </Kbd>
              </Group>
            </UnstyledButton>
            <Tooltip label="Keyboard">
              <ActionIcon size="lg" aria-label="Keyboard help" onClick={help.open} visibleFrom="sm">
                <IconKeyboard size={18} />
              </ActionIcon>
            </Tooltip>
            <SchemeMenu />
            <AccountMenu session={session} />
          </Group>
        </Group>
      </AppShell.Header>
      {/* Where it is a menu, one that is closed must not be in the way of the Tab key. */}
      <AppShell.Navbar p="xs" component="nav" aria-label="Places" visibleFrom={navOpened ? undefined : 'sm'}>
        <ScrollArea>
          {PLACES.map((group) => (
            <Box key={group.title} mb="md">
              <Text size="xs" fw={600} className="quiet" px="sm" mb={4}>
                {group.title}
              </Text>
              {group.places
                .filter((place) => session.isAdmin || !place.adminOnly)
                .map((place) => {
                  const isHere = place.to === '/' ? path === '/' : path.startsWith(place.to);
                  return (
                    <NavLink
                      key={place.to}
                      component={Link}
                      to={place.to}
                      label={place.label}
                      leftSection={<place.icon size={17} aria-hidden />}
                      active={isHere}
                      aria-current={isHere ? 'page' : undefined}
                      style={{ borderRadius: 'var(--mantine-radius-md)' }}
                    />
                  );
                })}
            </Box>
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        <ConnectionLost />
        <Box maw={1600} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
      <KeyHelp opened={helpOpened} onClose={help.close} />
      <Suspense>{paletteOpened && <Palette onClose={palette.close} />}</Suspense>
    </AppShell>
  );
}

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const schemes = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop } as const;
  const Current = schemes[colorScheme];
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size="lg" aria-label="Light or dark">
          <Current size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(schemes).map(([scheme, Glyph]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Glyph size={15} />}
            onClick={() => setColorScheme(scheme as keyof typeof schemes)}
          >
            {{ light: 'Light', dark: 'Dark', auto: 'As the system' }[scheme]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu({ session }: { session: Session }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isLeaving, setIsLeaving] = useState(false);
  const leave = async () => {
    setIsLeaving(true);
    try {
      await signOut();
      await navigate({ to: '/sign-in' });
      queries.clear();
    } catch (error) {
      tellFailed(error as Error);
      setIsLeaving(false);
    }
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size="lg" aria-label="Account">
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.customer
            ? `Customer ${session.customer.name || session.customer.internalId}`
            : `Admin of ${session.workspace.name || session.workspace.key}`}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={leave} disabled={isLeaving}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
