/** The list of an instance's links with the dialogs that belong to it. What is open is in the address. */
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useLinks } from '@/api/links';
import type { DataLink, DataLinkTableInstance } from '@/api/schema';
import { Confirm } from '@/components/Confirm';
import { formatNumber, plural } from '@/lib/format';
import { tellFailed, tellUndoable } from '@/lib/notify';
import { useLinkChanges } from './changes';
import { LinkDrawer } from './LinkDrawer';
import { LinkForm } from './LinkForm';
import { LinkList } from './LinkList';

const route = getRouteApi('/shell/instances/$instance');
/** So many links are deleted without asking: what is undone with one click needs no question. */
const ASK_ABOVE = 10;
const NONE: ReadonlySet<string> = new Set();

export function LinksOfInstance({ instance }: { instance: DataLinkTableInstance }) {
  const { search, direction, link: openId, create } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useLinks(instance.id, { search, direction });
  const changes = useLinkChanges(instance);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const [editing, setEditing] = useState<DataLink>();
  const [asking, setAsking] = useState<DataLink[]>();

  const openLink = (id: string | undefined, replace = false) =>
    navigate({ search: (now) => ({ ...now, link: id }), replace });
  const closeForm = () => navigate({ search: (now) => ({ ...now, create: undefined }), replace: true });

  const removing = useMutation({
    mutationFn: (links: DataLink[]) => {
      setSelected(NONE);
      return changes.remove(links);
    },
    onSuccess: (_, links) => tellUndoable(`Deleted ${plural(links.length, 'link')}`, () => changes.restore(links)),
    onError: tellFailed,
    onSettled: () => setAsking(undefined),
  });
  const remove = (links: DataLink[]) => (links.length > ASK_ABOVE ? setAsking(links) : removing.mutate(links));

  return (
    <>
      <LinkList
        list={list}
        search={search}
        direction={direction}
        selected={selected}
        onSelect={setSelected}
        onFilter={(filters) => {
          setSelected(NONE);
          navigate({
            search: (now) => ({ ...now, search: undefined, direction: undefined, ...filters }),
            replace: true,
          });
        }}
        onOpen={(link) => openLink(link.id)}
        onCreate={() => navigate({ search: (now) => ({ ...now, create: true }) })}
        onImport={() => navigate({ to: '/instances/$instance/import', params: { instance: instance.id } })}
        onEdit={setEditing}
        onDelete={remove}
      />
      {openId && (
        <LinkDrawer
          id={openId}
          instanceId={instance.id}
          listed={list.rows.find((each) => each.id === openId)}
          onEdit={setEditing}
          onDelete={(link) => {
            openLink(undefined, true);
            remove([link]);
          }}
          onClose={() => openLink(undefined, true)}
        />
      )}
      {create && <LinkForm changes={changes} onClose={closeForm} />}
      {editing && (
        <LinkForm
          link={editing}
          changes={changes}
          onChanged={(link) => {
            setSelected(NONE);
            if (openId) openLink(link.id, true);
          }}
          onClose={() => setEditing(undefined)}
        />
      )}
      <Confirm
        opened={asking !== undefined}
        title={`Delete ${plural(asking?.length ?? 0, 'link')}?`}
        action="Delete links"
        typed={asking && formatNumber(asking.length)}
        isBusy={removing.isPending}
        onConfirm={() => asking && removing.mutate(asking)}
        onClose={() => setAsking(undefined)}
      >
        Their records are no longer linked. You can undo this for ten seconds.
      </Confirm>
    </>
  );
}
