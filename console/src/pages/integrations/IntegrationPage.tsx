import { Page } from '@/components/Page';

export default function IntegrationPage() {
  return <Page title="Integration">{null}</Page>;
}
