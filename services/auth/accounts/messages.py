"""The lines of an export, as several servicers send them."""

from kernel import export
from kernel.identity.callers import Caller
from services.auth.accounts.export import ExportChunk
from services.auth.factors.messages import factor_message
from services.auth.grants.messages import grant_message
from services.auth.logins.messages import login_message
from services.auth.oauth_clients.messages import client_message
from services.auth.personal_access_tokens.messages import token_message
from services.auth.security_log.messages import event_message
from services.auth.users.messages import user_message
from services.auth.workspace_tokens.messages import workspace_token_message


def export_lines(chunk: ExportChunk, caller: Caller) -> list[str]:
    """The lines of a piece of an export."""
    return [
        *(export.line("user", user_message(user)) for user in chunk.users),
        *(export.line("factor", factor_message(factor)) for factor in chunk.factors),
        *(export.line("login", login_message(login, caller)) for login in chunk.logins),
        *(export.line("grant", grant_message(grant, caller)) for grant in chunk.grants),
        *(export.line("personalAccessToken", token_message(token)) for token in chunk.tokens),
        *(
            export.line("workspaceToken", workspace_token_message(token))
            for token in chunk.workspace_tokens
        ),
        *(export.line("client", client_message(client)) for client in chunk.clients),
        *(export.line("securityEvent", event_message(event)) for event in chunk.events),
        *chunk.lines,
    ]
