import { Page } from '@/components/Page';

export default function IntegrationsPage() {
  return <Page title="Integrations">{null}</Page>;
}
