import { Page } from '@/components/Page';

export default function FormulasPage() {
  return <Page title="Formulas">{null}</Page>;
}
