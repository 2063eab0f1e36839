import { Page } from '@/components/Page';

export default function FindPage() {
  return <Page title="Find">{null}</Page>;
}
