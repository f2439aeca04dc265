import { useSubmit, useLoad } from "../../app/loading";
import { coditect, useUser } from "../../app/client";
import { shell } from "../../texts/shell";
import { useTexts } from "../../texts/catalogue";
import { useProof } from "../../auth/logins/proof";
import { ErrorNotice } from "../../ui/notice";

const MOST = 200;

/** The tenant in which everything on the pages happens, and the others of the user. */
export function TenantSwitch() {
  const texts = useTexts(shell);
  const { tenant } = useUser();
  const prove = useProof();
  const tenants = useLoad((signal) => coditect.get("/api/v5/tenants", { params: { query: { pageSize: MOST } }, signal }), tenant.tenantId);
  const change = useSubmit((tenantId: string) => prove(() => coditect.switchTenant(tenantId)));
  const others = tenants.data?.tenants.filter((one) => one.tenantId !== tenant.tenantId) ?? [];
  return (
    <div className="field">
      <label htmlFor="tenant">{texts.tenant}</label>
      <select
        id="tenant"
        value={tenant.tenantId}
        disabled={change.pending}
        onChange={(event) => void change.submit(event.target.value)}
      >
        {[tenant, ...others].map((one) => (
          <option key={one.tenantId} value={one.tenantId}>
            {one.kind === "self" ? texts.self : one.name}
          </option>
        ))}
      </select>
      <ErrorNotice error={change.error} />
    </div>
  );
}
