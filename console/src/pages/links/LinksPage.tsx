import { Page } from '@/components/Page';

export default function LinksPage() {
  return <Page title="Links">{null}</Page>;
}
