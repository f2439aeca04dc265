import { common } from "../texts/common";
import { useTexts } from "../texts/catalogue";
import { LinkButton } from "../ui/button";
import { Page } from "../ui/page";

export function NotFoundPage() {
  const texts = useTexts(common);
  return (
    <Page title={texts.notFound}>
      <div className="row">
        <LinkButton to="/">{texts.toStart}</LinkButton>
      </div>
    </Page>
  );
}
