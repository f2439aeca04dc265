import { coditect, useUser } from "../../app/client";
import { useLoad } from "../../app/loading";
import { policies } from "../../texts/policies";
import { useTexts } from "../../texts/catalogue";
import { Notice } from "../../ui/notice";
import { Card, Facts, Page } from "../../ui/page";
import { Ready } from "../../ui/states";
import { useRole } from "../memberships/roles";
import { type Policy, useDuration } from "./policy";
import { PolicyForm } from "./policy_form";

export function PolicyPage() {
  const texts = useTexts(policies);
  const { tenant } = useUser();
  const { mayChange } = useRole();
  const { tenantId } = tenant;
  const policy = useLoad((signal) => coditect.get("/api/v5/tenants/{tenantId}/policy", { params: { path: { tenantId } }, signal }), tenantId);
  return (
    <Page title={texts.title} context={tenant.name}>
      <p className="muted">{texts.intro}</p>
      <Ready of={policy}>
        {(found) =>
          mayChange("owner") ? (
            <PolicyForm policy={found} onSaved={(saved) => policy.replace(() => saved)} />
          ) : (
            <PolicyFacts policy={found} why={tenant.state === "suspended" ? texts.suspended : texts.readOnly} />
          )
        }
      </Ready>
    </Page>
  );
}

/** The policy for those who cannot change it. */
function PolicyFacts({ policy, why }: { policy: Policy; why: string }) {
  const texts = useTexts(policies);
  const duration = useDuration();
  const yesNo = (value: boolean) => (value ? texts.yes : texts.no);
  return (
    <Card>
      <Notice>{why}</Notice>
      <Facts
        facts={[
          [texts.secondFactor, yesNo(policy.secondFactorRequired)],
          [texts.domains, policy.emailDomains.join(", ") || texts.any],
          [texts.idle, duration(policy.loginIdleSeconds)],
          [texts.life, duration(policy.loginLifeSeconds)],
          [texts.programsAllowed, yesNo(policy.programsAllowed)],
          [texts.tokenDays, policy.maxTokenDays ? texts.days(policy.maxTokenDays) : texts.noLimit],
        ]}
      />
    </Card>
  );
}
