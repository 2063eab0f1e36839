/** How requests are authenticated, as names and values; what is secret is not shown. */
import type { Auth } from '@/api/integrations';
import { Details } from '@/components/Details';
import { readAuth, TYPE_LABELS, VALUES } from './authForm';

export function AuthDetails({ auth }: { auth: Auth | null | undefined }) {
  const form = readAuth(auth);
  const isKey = form.type === 'api-key';
  const isOAuth = form.type.startsWith('oauth2');
  const items = [
    { label: 'Kind', value: auth ? TYPE_LABELS[form.type] : 'None: requests are passed on as they are' },
    isKey && { label: form.in === 'header' ? 'Header' : 'Query parameter', value: form.name },
    isKey && form.prefix && { label: 'Prefix', value: <span className="mono">{form.prefix}</span> },
    isOAuth && { label: 'Token address', value: form.tokenUri },
    isOAuth && { label: 'Scopes', value: form.scopes || undefined },
    ...VALUES[form.type].map(({ name, label, path }) => {
      const value = form.values[name];
      if (value?.source === 'connection') return { label, value: <span className="mono">{value.text}</span> };
      if (value?.source === 'fixed') return { label, value: value.text };
      return {
        label,
        value: (
          <>
            Kept and not shown, or from <span className="mono">{path}</span>
          </>
        ),
      };
    }),
  ];
  return <Details items={items.filter((each) => !!each)} />;
}
