"""The methods of the client, in groups.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from collections.abc import AsyncIterator
from typing import Any, Literal

from coditect_client.api import operations
from coditect_client.caller import AsyncCaller
from coditect_client.models import Empty, auth, sessions, tenants
from coditect_client.operation import given
from coditect_client.pages import AsyncPages


class AsyncAccounts:
    """The caller's own account: register, view, change, export and delete it."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def register(
        self, body: auth.RegisterRequest, *, idempotency_key: str | None = None
    ) -> auth.RegisterResponse | Empty:
        """Register an account.

        Creates a user with its self-tenant, and logs the user in. The address is mailed a link
        and a code for `verifyEmail`. If an account has the address without a proof of it, the
        answer is EMAIL_TAKEN, and the owner of the address can complete this registration with
        the email. Emails to the user are in the language of `Accept-Language`, or in English. A
        repeat with the same `Idempotency-Key` gets the same tokens while the password and that
        login are still in force, and EMAIL_TAKEN afterwards. Once the account is deleted, it
        registers a new one. Where addresses must be proved first (`REGISTRATION=verified`), the
        answer is 202 with an empty object for every address, and `verifyEmail` makes the
        account. If the address has an account already, the email says so.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            EmailTaken: An account with this email address already exists.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.REGISTER, body=body, key=idempotency_key)

    async def get_me(self) -> auth.User:
        """Get your profile.

        Returns the caller's profile. A program needs the scope `account:read`.
        """
        return await self._caller.call(operations.GET_ME)

    async def update_me(
        self, body: auth.UpdateMeRequest, *, idempotency_key: str | None = None
    ) -> auth.User:
        """Update your profile.

        Changes the given fields of the caller's profile and keeps the others. A program needs
        the scope `account:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(operations.UPDATE_ME, body=body, key=idempotency_key)

    async def delete_me(self, body: auth.DeleteMeRequest) -> auth.DeleteMeResponse:
        """Delete your account.

        Deletes the caller's account with its self-tenant and sessions, and ends all logins.
        Where the system waits some days with that, the answer says until when a login undoes
        it. Organizations remain: if the caller was the last owner, the longest-serving admin
        becomes owner, or else the longest-serving member. An organization without other members
        is deleted. The user must have proved who they are within the last 300 seconds, by a
        login or by `reauthenticate`: with the second factor, if there is one. Without one, the
        password in the request is enough. Only the user's own login may call it, and no
        program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            PasswordWrong: The password is wrong.
            ReauthenticationRequired: Please prove again who you are first.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.DELETE_ME, body=body)

    def export_me(self) -> AsyncIterator[dict[str, Any]]:
        """Export your data.

        Streams all data that the product stores about the caller, one JSON object per line
        (NDJSON). The `kind` of each object says what it is. The user must have proved who they
        are within the last 300 seconds, by a login or by `reauthenticate`: with the second
        factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            DownloadLimitReached: Too many downloads at once; please wait for one to end.
            SessionsUnavailable: The sessions cannot be looked up at the moment. Please try again.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
            HttpVersionNotSupported: A download needs HTTP/1.1 or newer.
        """
        return self._caller.download(operations.EXPORT_ME)

    async def change_password(
        self, body: auth.ChangePasswordRequest
    ) -> auth.ChangePasswordResponse:
        """Change your password.

        Sets another password and ends the caller's other logins. This login stays good. The
        user must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Without one, the password in
        the request is enough. Only the user's own login may call it, and no program.

        Raises:
            PasswordWrong: The password is wrong.
            ReauthenticationRequired: Please prove again who you are first.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.CHANGE_PASSWORD, body=body)


class AsyncDeviceLogin:
    """Device login (RFC 8628): a device without a browser shows a code, and its user lets it in elsewhere."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def start_device_login(
        self, body: auth.StartDeviceLoginRequest | None = None
    ) -> auth.StartDeviceLoginResponse:
        """Begin the login of a device.

        Begins the login of a device (RFC 8628, section 3.1). The client shows the user code and
        the address where it is typed, and asks the token endpoint with the device code until
        the user has answered.

        Raises:
            InvalidScope: The scope is not valid.
            UnauthorizedClient: The client may not do this.
            InvalidClient: The client is unknown, or did not show who it is.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.START_DEVICE_LOGIN, body=body or {})

    async def get_device_login(self, user_code: str) -> auth.GetDeviceLoginResponse:
        """Show the device with a code.

        Shows the device that waits with a user code: what it is, where it is, and what it asks
        for. Wrong codes are counted by user and by network. Only the user's own login may call
        it, and no program.

        Raises:
            DeviceLoginNotFound: No device is waiting with this code.
            TooManyUserCodes: Too many wrong codes were typed. Please try again later.
        """
        return await self._caller.call(operations.GET_DEVICE_LOGIN, path={"userCode": user_code})

    async def answer_device_login(
        self, user_code: str, body: auth.AnswerDeviceLoginRequest | None = None
    ) -> auth.AnswerDeviceLoginResponse:
        """Let a device in, or refuse it.

        Lets the device with a user code in, or refuses it. A code is answered once. The device
        gets its tokens only while the login of this call goes on. The user must have proved who
        they are within the last 300 seconds, by a login or by `reauthenticate`: with the second
        factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            TenantSuspended: The tenant is suspended.
            DeviceLoginNotFound: No device is waiting with this code.
            TenantNotFound: There is no such tenant.
            TooManyUserCodes: Too many wrong codes were typed. Please try again later.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.ANSWER_DEVICE_LOGIN, path={"userCode": user_code}, body=body or {}
        )


class AsyncAuthorizations:
    """The user's answer to a program that asks to act for them, for the console.

    Our own page does the same.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def answer_authorization(
        self, body: auth.AnswerAuthorizationRequest
    ) -> auth.AnswerAuthorizationResponse:
        """Answer a program.

        Answers an authorization request: lets the program act, or refuses it. The console sends
        the browser where the answer says, and shows nothing of the code in it. A request that
        is not good is answered there, too, unless the client or its redirect URI is wrong. A
        code is good for a minute, and only while the login of this call goes on. The user must
        have proved who they are within the last 300 seconds, by a login or by `reauthenticate`:
        with the second factor, if there is one. Only the user's own login may call it, and no
        program.

        Raises:
            AuthorizationRequestInvalid: The program has sent you here with a request that is not valid.
            ProgramsNotAllowed: The organization does not allow programs.
            ReauthenticationRequired: Please prove again who you are first.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.ANSWER_AUTHORIZATION, body=body)

    async def check_authorization(
        self, body: auth.CheckAuthorizationRequest
    ) -> auth.CheckAuthorizationResponse:
        """Look at what a program asks for.

        Checks an authorization request, and says what the page does next, as `step`. The page
        calls this first, with or without a login, and again with `prompted` after each step
        that it has done, until the step is `consent` or `redirect`. So a user who is not logged
        in sees which client they log in for. With `prompt=none` the answer is final:
        `redirectUri` has an error or, if the user has granted as much before, a code. A request
        with a wrong client or redirect URI is an error, and leads nowhere. Only the user's own
        login may call it, and no program.

        Raises:
            AuthorizationRequestInvalid: The program has sent you here with a request that is not valid.
        """
        return await self._caller.call(operations.CHECK_AUTHORIZATION, body=body)


class AsyncDiscovery:
    """What programs find out by themselves: the endpoints and abilities of the authorization server, and where the API takes its tokens from."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_authorization_server(self) -> auth.AuthorizationServerMetadata:
        """Get the server metadata.

        Returns the metadata of the authorization server (RFC 8414).
        """
        return await self._caller.call(operations.GET_AUTHORIZATION_SERVER)

    async def get_open_id_configuration(self) -> auth.AuthorizationServerMetadata:
        """Get the OpenID configuration.

        Returns the same metadata where programs that log users in look for it (OpenID Connect
        Discovery 1.0).
        """
        return await self._caller.call(operations.GET_OPEN_ID_CONFIGURATION)

    async def get_protected_resource(self) -> auth.ProtectedResourceMetadata:
        """Get the resource metadata.

        Returns the metadata of the API as a protected resource (RFC 9728): which authorization
        server issues its tokens, and for which scopes.
        """
        return await self._caller.call(operations.GET_PROTECTED_RESOURCE)

    async def get_protected_resource_of_api(self) -> auth.ProtectedResourceMetadata:
        """Get the resource metadata of the API.

        Returns the same metadata where a program that knows only the URL of the API looks for
        it (RFC 9728, section 3.1).
        """
        return await self._caller.call(operations.GET_PROTECTED_RESOURCE_OF_API)


class AsyncEmailAddresses:
    """The email address of an account: prove that it is the user's own."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def send_verification(
        self, body: auth.SendVerificationRequest | None = None
    ) -> auth.SendVerificationResponse:
        """Mail a proof of your email address.

        Mails the caller a link and a code that prove the email address. Nothing is mailed if it
        is proved already, or if the mailbox has got too many emails today. Only the user's own
        login may call it, and no program.

        Raises:
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
        """
        return await self._caller.call(operations.SEND_VERIFICATION, body=body or {})

    async def verify_email(self, body: auth.VerifyEmailRequest | None = None) -> auth.User:
        """Prove an email address.

        Proves an email address, with the token of the link or with the address and the code. A
        caller who is logged in to the account, or gives its password, keeps everything. Any
        other caller has not shown that they made the account, and gives a new password: then
        the account starts over, and the logins, sessions and organizations of before are gone.
        Without a new password that call gets NEW_PASSWORD_NEEDED, and the token stays good. The
        token of a registration (`verified`) makes the account. It needs the password, too: the
        one that was registered, or another one, which gives an account without the names that
        were registered. The token of a change of address needs an access token of the account.
        Only the user's own login may call it, and no program.

        Raises:
            NewPasswordNeeded: Please log in first, or give a new password to start the account over.
            OneTimeTokenInvalid: The link or the code is wrong, used or expired. Please ask for another email.
            TooManyAttempts: Too many wrong attempts from this network. Please try again later.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.VERIFY_EMAIL, body=body or {})

    async def change_email(self, body: auth.ChangeEmailRequest) -> auth.ChangeEmailResponse:
        """Change your email address.

        Asks for another email address. The new address is mailed a proof for `verifyEmail`, and
        nothing changes until then. If the present address is proved, a link that undoes the
        change is mailed there. The answer is the same if another account has the new address.
        Nothing is mailed if it is the present one, or if one of the mailboxes has got too many
        emails today. The user must have proved who they are within the last 300 seconds, by a
        login or by `reauthenticate`: with the second factor, if there is one. Only the user's
        own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
        """
        return await self._caller.call(operations.CHANGE_EMAIL, body=body)

    async def undo_email_change(
        self, body: auth.UndoEmailChangeRequest
    ) -> auth.UndoEmailChangeResponse:
        """Undo a change of your email address.

        Undoes a change of address, with the token that was mailed to the old address: the
        account has the old address again, also if the new one is proved already. All logins
        end, and the account has no password. An email with which to set a new one is sent to
        the old address.

        Raises:
            OneTimeTokenInvalid: The link or the code is wrong, used or expired. Please ask for another email.
        """
        return await self._caller.call(operations.UNDO_EMAIL_CHANGE, body=body)


class AsyncFactors:
    """The second factors of a user: list, rename and remove them, and recover when they are lost."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list_factors(self) -> auth.ListFactorsResponse:
        """List your second factors.

        Lists the caller's second factors, the oldest first. Only the user's own login may call
        it, and no program.
        """
        return await self._caller.call(operations.LIST_FACTORS)

    async def update_factor(self, factor_id: str, body: auth.UpdateFactorRequest) -> auth.Factor:
        """Rename a second factor.

        Renames a factor of the caller. The user must have proved who they are within the last
        300 seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            FactorNotFound: The factor does not exist.
        """
        return await self._caller.call(
            operations.UPDATE_FACTOR, path={"factorId": factor_id}, body=body
        )

    async def delete_factor(self, factor_id: str) -> auth.DeleteFactorResponse:
        """Remove a second factor.

        Removes a factor of the caller, and ends the other logins. With the last authenticator
        app or passkey the recovery codes go, too, and this login ends like the others. A
        passkey that is the last way to log in, because the account has no password, cannot be
        removed. The user must have proved who they are within the last 300 seconds, by a login
        or by `reauthenticate`: with the second factor, if there is one. Only the user's own
        login may call it, and no program.

        Raises:
            LastWayIn: This is the last way to log in. Please set a password first.
            ReauthenticationRequired: Please prove again who you are first.
            FactorNotFound: The factor does not exist.
        """
        return await self._caller.call(operations.DELETE_FACTOR, path={"factorId": factor_id})

    async def undo_factor(self, body: auth.UndoFactorRequest) -> auth.UndoFactorResponse:
        """Undo the setup of a second factor.

        Undoes the setup of the first factor, with the token in the notice about it: all factors
        are removed, all logins end, and the account has no password. An email with which to set
        a new one is sent. The token is good while the account has the address that it was
        mailed to.

        Raises:
            OneTimeTokenInvalid: The link or the code is wrong, used or expired. Please ask for another email.
        """
        return await self._caller.call(operations.UNDO_FACTOR, body=body)

    async def start_factor_recovery(
        self, body: auth.StartFactorRecoveryRequest
    ) -> auth.StartFactorRecoveryResponse:
        """Recover from lost second factors.

        Mails a proof to the address of a user who has lost all second factors: for the
        beginning of a recovery, and for its end. Needs the challenge of a login, so the
        password, and a proved address. Always answers alike.

        Raises:
            ChallengeInvalid: The challenge is not valid any more. Please start again.
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
        """
        return await self._caller.call(operations.START_FACTOR_RECOVERY, body=body)

    async def confirm_factor_recovery(
        self, body: auth.ConfirmFactorRecoveryRequest | None = None
    ) -> auth.ConfirmFactorRecoveryResponse:
        """Prove the address for a recovery.

        Proves the address in a recovery. The first proof begins the waiting time, and the user
        gets a notice. A second factor that is shown before it is over cancels the recovery. The
        first proof after it, by another email, removes all second factors and ends all logins:
        then the password logs in.

        Raises:
            OneTimeTokenInvalid: The link or the code is wrong, used or expired. Please ask for another email.
            TooManyAttempts: Too many wrong attempts from this network. Please try again later.
        """
        return await self._caller.call(operations.CONFIRM_FACTOR_RECOVERY, body=body or {})


class AsyncGrants:
    """The programs that act for the caller: which ones, and taking that back."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_grants(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.Grant]:
        """List your programs.

        Lists the grants of the caller: the programs that can act for them, each time that one
        was let in. A program needs the scope `account:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
        """
        return self._caller.pages(
            operations.LIST_GRANTS, query=given(pageSize=page_size, pageToken=page_token)
        )

    async def end_grant(self, grant_id: str) -> auth.EndGrantResponse:
        """Remove a program.

        Takes a grant back. Every service rejects the tokens of the program at once. A program
        needs the scope `account:write`.

        Raises:
            GrantNotFound: The program's grant does not exist.
        """
        return await self._caller.call(operations.END_GRANT, path={"grantId": grant_id})


class AsyncKeys:
    """The public keys of access tokens."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_jwks(self) -> auth.GetJwksResponse:
        """Get the key set.

        Returns the public keys that verify access tokens, as a JWK set (RFC 7517).
        """
        return await self._caller.call(operations.GET_JWKS)


class AsyncLogins:
    """Logins, one per signed-in device: start, refresh, list and end them, and choose the active tenant."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def login(self, body: auth.LoginRequest) -> auth.LoginResponse:
        """Log in.

        Starts a login. An unknown account and a wrong password get the same answer in the same
        time. The tokens are for the given tenant, under the rules of a switch; without one they
        are for the tenant that the user switched to last, or for the self-tenant if that is
        lost or cannot be asked for. After too many wrong passwords in a row the account takes
        none for a while, and answers as if they were wrong; a device that has logged in to the
        account before shows its device token, or its cookie, and is counted by itself. A user
        with a second factor gets a challenge instead of tokens, which `login/second-factor`
        takes.

        Raises:
            BadCredentials: The email address or the password is wrong.
            AccountDisabled: This account cannot be used at the moment. Please contact the operator of this system.
            EmailNotVerified: Please prove your email address first. An email is on its way.
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TooManyAttempts: Too many wrong attempts from this network. Please try again later.
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
            HashingBusy: Too many logins at the moment. Please try again.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.LOGIN, body=body)

    async def login_with_second_factor(
        self, body: auth.LoginWithSecondFactorRequest
    ) -> auth.LoginWithSecondFactorResponse:
        """Log in: the second factor.

        Answers the challenge of a login with a second factor: a code of an authenticator app, a
        recovery code or a passkey. A challenge is good for five minutes and for one login.
        After too many wrong codes in a row no code of an app is taken for a while; a passkey or
        a recovery code still is. Cancels a recovery of lost factors that is under way.

        Raises:
            AccountDisabled: This account cannot be used at the moment. Please contact the operator of this system.
            ChallengeInvalid: The challenge is not valid any more. Please start again.
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            SecondFactorWrong: The second factor is wrong.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            HashingBusy: Too many logins at the moment. Please try again.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.LOGIN_WITH_SECOND_FACTOR, body=body)

    async def start_passkey_login(
        self, body: auth.StartPasskeyLoginRequest | None = None
    ) -> auth.StartPasskeyLoginResponse:
        """Log in with a passkey: the options.

        Begins a login by a passkey alone: options for `navigator.credentials.get`, for any
        account. They are good for five minutes.
        """
        return await self._caller.call(operations.START_PASSKEY_LOGIN, body=body or {})

    async def login_with_passkey(
        self, body: auth.LoginWithPasskeyRequest
    ) -> auth.LoginWithPasskeyResponse:
        """Log in with a passkey.

        Starts a login by a passkey alone, which has verified its user: that counts as two
        factors. An unknown passkey and a wrong one get the same answer. Cancels a recovery of
        lost factors that is under way.

        Raises:
            AccountDisabled: This account cannot be used at the moment. Please contact the operator of this system.
            EmailNotVerified: Please prove your email address first. An email is on its way.
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            PasskeyInvalid: The passkey was not accepted. Please try again.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.LOGIN_WITH_PASSKEY, body=body)

    async def refresh(self, body: auth.RefreshRequest | None = None) -> auth.RefreshResponse:
        """Refresh the tokens.

        Exchanges a refresh token for new tokens. The old refresh token is spent: if it is used
        again within a short grace period, it returns the same successor; later it ends the
        login. The tokens are for the given tenant, under the rules of a switch, but the login
        keeps its active tenant: so each tab of a browser can act in a tenant of its own. A
        refresh that the tenant is the reason to refuse does not spend the token. Without a
        tenant the tokens are for the login's active tenant, or for the self-tenant if the user
        has lost access to that one. With `X-Coditect-Tokens: cookie`, a browser without the
        cookie gets REFRESH_TOKEN_INVALID, as with a login that has ended, and the answer
        removes the cookie.

        Raises:
            RefreshTokenInvalid: The refresh token is not valid. Please log in again.
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            ReauthenticationRequired: Please prove again who you are first.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.REFRESH, body=body or {})

    async def logout(self, body: auth.LogoutRequest | None = None) -> auth.LogoutResponse:
        """Log out.

        Ends the login of the access token, that of the refresh token, or both if they differ.
        Every service rejects their tokens at once. A client whose access token has expired
        sends the refresh token alone. A refresh token that is unknown, or whose login has
        ended, is no error (RFC 7009, section 2.2); a spent one ends its login. With
        `X-Coditect-Tokens: cookie` the cookie is the refresh token, and is removed; to have
        none is no error either. Only the user's own login may call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
        """
        return await self._caller.call(operations.LOGOUT, body=body or {})

    async def reauthenticate(
        self, body: auth.ReauthenticateRequest | None = None
    ) -> auth.ReauthenticateResponse:
        """Prove again who you are.

        Proves again who the user is, for methods that need a recent proof: with the password
        or, if the user has a second factor, with that instead. A passkey answers the options of
        `login/passkey/options`. A new login takes the place of the caller's, so the tokens of
        before are rejected in every service at once, and the tokens of the answer are the ones
        to use. The access token is for the tenant of the token used for this call. Only the
        user's own login may call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            PasskeyInvalid: The passkey was not accepted. Please try again.
            PasswordWrong: The password is wrong.
            SecondFactorWrong: The second factor is wrong.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.REAUTHENTICATE, body=body or {})

    async def logout_all(self, body: auth.LogoutAllRequest | None = None) -> auth.LogoutAllResponse:
        """Log out everywhere.

        Ends every login of the caller. Every service rejects their tokens at once. The user
        must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Only the user's own login may
        call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            ReauthenticationRequired: Please prove again who you are first.
        """
        return await self._caller.call(operations.LOGOUT_ALL, body=body or {})

    def list_logins(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.Login]:
        """List your logins.

        Lists the caller's logins, which are the signed-in devices. Only the user's own login
        may call it, and no program.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
        """
        return self._caller.pages(
            operations.LIST_LOGINS, query=given(pageSize=page_size, pageToken=page_token)
        )

    async def end_login(self, login_id: str) -> auth.EndLoginResponse:
        """End a login.

        Ends one of the caller's logins. Every service rejects its tokens at once. The user must
        have proved who they are within the last 300 seconds, by a login or by `reauthenticate`:
        with the second factor, if there is one. Only the user's own login may call it, and no
        program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            LoginNotFound: The login does not exist.
        """
        return await self._caller.call(operations.END_LOGIN, path={"loginId": login_id})

    async def switch_tenant(self, body: auth.SwitchTenantRequest) -> auth.SwitchTenantResponse:
        """Switch the active tenant.

        Returns an access token for another tenant of the caller. It expires no later than the
        token used for this call. This login and the next ones act in that tenant from now on;
        the current refresh token stays good and gets tokens for it. A tenant that the caller
        does not belong to is not found. Of a suspended tenant, only its owners get a token.
        Only the user's own login may call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            ReauthenticationRequired: Please prove again who you are first.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.SWITCH_TENANT, body=body)


class AsyncOAuth:
    """The endpoints of OAuth that programs call (RFC 6749, OAuth 2.1): forms in, bare JSON out.

    A confidential client shows who it is in the one way that is registered for it.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def token(self, body: auth.TokenRequest) -> auth.TokenResponse:
        """Get tokens.

        Gives tokens (RFC 6749, section 3.2), by `grant_type`: for a code, for a refresh token,
        for the code of a device, to a client itself, or in exchange for another access token
        (RFC 8693). A code is good once; its second use ends the grant that it gave. A refresh
        token of a program is good once, as that of a login. No grant gives more than its user
        has approved, and none without its tenant.

        Raises:
            AccessDenied: The user has refused.
            AuthorizationPending: The user has not answered yet.
            ExpiredToken: The device code has ended.
            InvalidGrant: The grant is not valid.
            InvalidScope: The scope is not valid.
            InvalidTarget: The resource or tenant that the token is to be for is not valid.
            SlowDown: The device asks too often.
            UnauthorizedClient: The client may not do this.
            UnsupportedGrantType: The grant type is not supported.
            InvalidClient: The client is unknown, or did not show who it is.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.TOKEN, body=body)

    async def push_authorization(
        self, body: auth.PushAuthorizationRequest | None = None
    ) -> auth.PushAuthorizationResponse:
        """Push an authorization request.

        Keeps an authorization request until its user answers (RFC 9126), so that no browser can
        change it. The answer names it; it is good for one answer within ten minutes.

        Raises:
            InvalidScope: The scope is not valid.
            InvalidTarget: The resource or tenant that the token is to be for is not valid.
            RequestNotSupported: Request objects are not supported.
            UnauthorizedClient: The client may not do this.
            UnsupportedResponseType: The response type is not supported. It must be code.
            InvalidClient: The client is unknown, or did not show who it is.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.PUSH_AUTHORIZATION, body=body or {})

    async def revoke_token(self, body: auth.RevokeTokenRequest) -> auth.RevokeTokenResponse:
        """Revoke a token.

        Ends the grant of a refresh or access token (RFC 7009). Every service rejects its tokens
        at once. A token that is unknown, or another client's, changes nothing and gets the same
        answer.

        Raises:
            UnsupportedTokenType: A token of this kind cannot be revoked.
            InvalidClient: The client is unknown, or did not show who it is.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.REVOKE_TOKEN, body=body)

    async def introspect_token(
        self, body: auth.IntrospectTokenRequest
    ) -> auth.IntrospectTokenResponse:
        """Look into a token.

        Says whether a token of the calling client is good, and what for (RFC 7662). A token
        that is unknown, or another client's, is not. Only for confidential clients.

        Raises:
            InvalidClient: The client is unknown, or did not show who it is.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.INTROSPECT_TOKEN, body=body)

    async def get_user_info(self) -> auth.GetUserInfoResponse:
        """Say who the user is.

        Says who the user of an access token is, as far as its scopes let it (OpenID Connect
        Core 1.0, section 5.3). A program needs the scope `openid`.

        Raises:
            InvalidToken: The access token has expired. The access token is not valid. An access token is required. The access token has been revoked.
            InsufficientScope: The access token does not have the scope for this.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.GET_USER_INFO)

    async def post_user_info(
        self, body: auth.PostUserInfoRequest | None = None
    ) -> auth.PostUserInfoResponse:
        """Say who the user is, by POST.

        As the GET of the same path, for programs that send a form. The access token is in the
        Authorization header. A program needs the scope `openid`.

        Raises:
            InvalidToken: The access token has expired. The access token is not valid. An access token is required. The access token has been revoked.
            InsufficientScope: The access token does not have the scope for this.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.POST_USER_INFO, body=body or {})


class AsyncOAuthClients:
    """OAuth clients: the programs that may act for users.

    A tenant has its own ones, and programs can register themselves where the operator allows
    it. Each change of a client of an organization is in the audit log of it.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_client(
        self, tenant_id: str, body: auth.CreateClientRequest
    ) -> auth.CreateClientResponse:
        """Register a client of a tenant.

        Registers a client of a tenant. It gets tokens for that tenant alone, and only members
        of it can approve it. A client that shows who it is by a secret gets one, which is shown
        only here. The name must not look like one of this product's. Needs the role `admin` or
        above. The user must have proved who they are within the last 300 seconds, by a login or
        by `reauthenticate`: with the second factor, if there is one. Only the user's own login
        may call it, and no program.

        Raises:
            ProgramsNotAllowed: The organization does not allow programs.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            ClientLimitReached: The tenant has the maximum number of clients.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.CREATE_CLIENT, path={"tenantId": tenant_id}, body=body
        )

    def list_clients(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.OAuthClient]:
        """List the clients of a tenant.

        Lists the clients of a tenant in the order of their ids. Needs the role `admin` or
        above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return self._caller.pages(
            operations.LIST_CLIENTS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def get_client(self, tenant_id: str, client_id: str) -> auth.OAuthClient:
        """Get a client of a tenant.

        Gets a client of a tenant. Needs the role `admin` or above. A program needs the scope
        `tenants:read`.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ClientNotFound: There is no such client.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.GET_CLIENT, path={"tenantId": tenant_id, "clientId": client_id}
        )

    async def update_client(
        self, tenant_id: str, client_id: str, body: auth.UpdateClientRequest
    ) -> auth.OAuthClient:
        """Update a client of a tenant.

        Changes the given fields of a client. How it shows who it is cannot change. Grants that
        it has go on; access tokens in use keep the scopes that they have until they end. Needs
        the role `admin` or above. The user must have proved who they are within the last 300
        seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ClientNotFound: There is no such client.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.UPDATE_CLIENT, path={"tenantId": tenant_id, "clientId": client_id}, body=body
        )

    async def delete_client(self, tenant_id: str, client_id: str) -> auth.DeleteClientResponse:
        """Delete a client of a tenant.

        Deletes a client. Every service rejects its tokens at once, those of all users. Needs
        the role `admin` or above. Only the user's own login may call it, and no program.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ClientNotFound: There is no such client.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.DELETE_CLIENT, path={"tenantId": tenant_id, "clientId": client_id}
        )

    async def create_client_secret(
        self, tenant_id: str, client_id: str, body: auth.CreateClientSecretRequest | None = None
    ) -> auth.CreateClientSecretResponse:
        """Give a client a new secret.

        Gives a client a new secret, which is shown only here. The one before is good for as
        long as is asked for; any older one ends. Needs the role `admin` or above. The user must
        have proved who they are within the last 300 seconds, by a login or by `reauthenticate`:
        with the second factor, if there is one. Only the user's own login may call it, and no
        program.

        Raises:
            ClientHasNoSecret: The client does not use a secret.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ClientNotFound: There is no such client.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.CREATE_CLIENT_SECRET,
            path={"tenantId": tenant_id, "clientId": client_id},
            body=body or {},
        )

    async def register_client(
        self, body: auth.RegisterClientRequest
    ) -> auth.RegisterClientResponse:
        """Register a program as a client.

        Registers the calling program as a client (RFC 7591), where the operator allows it
        (`DYNAMIC_CLIENT_REGISTRATION`). It is public, or shows who it is by a key
        (`private_key_jwt`); what else it asks for is replaced, as the answer says, and what is
        not known is ignored. It ends after 30 days without a use.

        Raises:
            InvalidClientMetadata: The metadata of the client are not allowed.
            InvalidRedirectUri: A redirect URI is not allowed.
            TemporarilyUnavailable: The call did not finish in time. The service did not answer in time.
            ServerError: The service does not know this call.
        """
        return await self._caller.call(operations.REGISTER_CLIENT, body=body)


class AsyncOperatorLog:
    """What operators have done, in the order of the commits.

    Acts on tenants come from another service, usually a few milliseconds later, and stand in
    the order in which they came.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_operator_log(
        self,
        *,
        user_id: str | None = None,
        tenant_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPages[auth.OperatorAct]:
        """List the operator log.

        Lists the acts of operators, the newest first. With a user or a tenant, only the acts on
        that one; a page may then have fewer acts than asked for, and only an empty
        `nextPageToken` marks the last page. Reading the log is no act. Needs a login with a
        second factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
        """
        return self._caller.pages(
            operations.LIST_OPERATOR_LOG,
            query=given(
                userId=user_id, tenantId=tenant_id, pageSize=page_size, pageToken=page_token
            ),
        )


class AsyncSecurityLog:
    """The security log of the caller's account: logins, failures and changes of the account, in commit order."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_activity(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.SecurityEvent]:
        """List your account's activity.

        Lists what happened to the caller's account, newest first. Events are kept for a limited
        time, and at most the newest thousand or so of an account. A program needs the scope
        `account:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
        """
        return self._caller.pages(
            operations.LIST_ACTIVITY, query=given(pageSize=page_size, pageToken=page_token)
        )


class AsyncOperatorUsers:
    """Users, for operators.

    Each call is in the operator log; what changes something is in the user's own activity, too,
    which does not name the operator. No operator acts on an operator, nor on themselves.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_users(
        self,
        *,
        email: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPages[auth.OperatedUser]:
        """List users.

        Lists users in the order of their ids; or the one with an address. Needs a login with a
        second factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
        """
        return self._caller.pages(
            operations.LIST_USERS,
            query=given(email=email, pageSize=page_size, pageToken=page_token),
        )

    async def get_user(self, user_id: str) -> auth.OperatedUser:
        """Get a user.

        Returns a user. Needs a login with a second factor. Only an operator may call it, in a
        login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.GET_USER, path={"userId": user_id})

    async def delete_user(
        self, user_id: str, body: auth.DeleteUserRequest
    ) -> auth.DeleteUserResponse:
        """Delete a user.

        Deletes the account of a user: at once, or after the days that this system waits
        (`DELETION_DAYS`), in which a login of the user undoes it. An account under a legal hold
        waits until it is released. The user must have proved who they are within the last 300
        seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Needs a login with a second factor. Only an operator may call it, in a login of their
        own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            ReauthenticationRequired: Please prove again who you are first.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.DELETE_USER, path={"userId": user_id}, body=body)

    def list_user_logins(
        self, user_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.Login]:
        """List the logins of a user.

        Lists the logins of a user in the order of their ids. Needs a login with a second
        factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserNotFound: The user does not exist.
        """
        return self._caller.pages(
            operations.LIST_USER_LOGINS,
            path={"userId": user_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    def list_user_activity(
        self, user_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.SecurityEvent]:
        """List the activity of a user.

        Lists what happened to the account of a user, newest first. Needs a login with a second
        factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserNotFound: The user does not exist.
        """
        return self._caller.pages(
            operations.LIST_USER_ACTIVITY,
            path={"userId": user_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    def export_user(self, user_id: str) -> AsyncIterator[dict[str, Any]]:
        """Export a user.

        Streams all data that the product stores about a user, one JSON object per line
        (NDJSON), as `exportMe` does. The user must have proved who they are within the last 300
        seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Needs a login with a second factor. Only an operator may call it, in a login of their
        own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            ReauthenticationRequired: Please prove again who you are first.
            UserNotFound: The user does not exist.
            DownloadLimitReached: Too many downloads at once; please wait for one to end.
            SessionsUnavailable: The sessions cannot be looked up at the moment. Please try again.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
            HttpVersionNotSupported: A download needs HTTP/1.1 or newer.
        """
        return self._caller.download(operations.EXPORT_USER, path={"userId": user_id})

    async def disable_user(self, user_id: str, body: auth.DisableUserRequest) -> auth.OperatedUser:
        """Disable a user.

        Disables a user: all tokens are refused at once, and no login begins. Logins, grants and
        personal access tokens end, and do not come back. The user gets a notice. Nothing
        happens if the user is disabled already. Needs a login with a second factor. Only an
        operator may call it, in a login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.DISABLE_USER, path={"userId": user_id}, body=body)

    async def enable_user(self, user_id: str, body: auth.EnableUserRequest) -> auth.OperatedUser:
        """Enable a user.

        Lets a disabled user log in again. Nothing happens if the user is not disabled. Needs a
        login with a second factor. Only an operator may call it, in a login of their own with
        two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.ENABLE_USER, path={"userId": user_id}, body=body)

    async def unlock_user(self, user_id: str, body: auth.UnlockUserRequest) -> auth.OperatedUser:
        """Forget wrong guesses.

        Forgets the wrong guesses at the password and at the second factor, so that the user can
        try again at once. Needs a login with a second factor. Only an operator may call it, in
        a login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.UNLOCK_USER, path={"userId": user_id}, body=body)

    async def log_out_user(self, user_id: str, body: auth.LogOutUserRequest) -> auth.OperatedUser:
        """Log a user out.

        Ends all logins of a user and all programs that act for them; with `tokens`, the
        personal access tokens, too. Needs a login with a second factor. Only an operator may
        call it, in a login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.LOG_OUT_USER, path={"userId": user_id}, body=body)

    async def reset_user_password(
        self, user_id: str, body: auth.ResetUserPasswordRequest
    ) -> auth.OperatedUser:
        """Mail a password reset.

        Mails the user a link that sets a new password, as `forgotPassword` does. No answer
        contains the link. Needs a login with a second factor. Only an operator may call it, in
        a login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(
            operations.RESET_USER_PASSWORD, path={"userId": user_id}, body=body
        )

    async def correct_user_email(
        self, user_id: str, body: auth.CorrectUserEmailRequest
    ) -> auth.OperatedUser:
        """Correct an address.

        Gives a user another email address, which counts as not proved until the user proves it;
        a proof is mailed there. Links and codes that were mailed before end. A proved old
        address gets a notice. The user must have proved who they are within the last 300
        seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Needs a login with a second factor. Only an operator may call it, in a login of their
        own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            ReauthenticationRequired: Please prove again who you are first.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
            EmailTaken: An account with this email address already exists.
        """
        return await self._caller.call(
            operations.CORRECT_USER_EMAIL, path={"userId": user_id}, body=body
        )

    async def remove_user_factors(
        self, user_id: str, body: auth.RemoveUserFactorsRequest
    ) -> auth.OperatedUser:
        """Remove all second factors.

        Removes all second factors of a user, and ends all logins. The user gets a notice.
        Nothing happens if there is none. The user must have proved who they are within the last
        300 seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Needs a login with a second factor. Only an operator may call it, in a login of their
        own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            ReauthenticationRequired: Please prove again who you are first.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(
            operations.REMOVE_USER_FACTORS, path={"userId": user_id}, body=body
        )

    async def hold_user(self, user_id: str, body: auth.HoldUserRequest) -> auth.OperatedUser:
        """Put a user under a legal hold.

        Keeps the account of a user from being erased, also at the user's request, until it is
        released. Its user does not see that. Nothing happens if it is held already. Needs a
        login with a second factor. Only an operator may call it, in a login of their own with
        two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.HOLD_USER, path={"userId": user_id}, body=body)

    async def release_user(self, user_id: str, body: auth.ReleaseUserRequest) -> auth.OperatedUser:
        """End a legal hold.

        Ends a legal hold. An account whose deletion was due meanwhile is erased soon after.
        Nothing happens if there is no hold. Needs a login with a second factor. Only an
        operator may call it, in a login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            UserNotFound: The user does not exist.
        """
        return await self._caller.call(operations.RELEASE_USER, path={"userId": user_id}, body=body)


class AsyncOperators:
    """The users who run the product for others.

    Only the command line of the store's host makes a user an operator.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_operators(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.Operator]:
        """List the operators.

        Lists the operators in the order of their ids. Needs a login with a second factor. Only
        an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
        """
        return self._caller.pages(
            operations.LIST_OPERATORS, query=given(pageSize=page_size, pageToken=page_token)
        )


class AsyncPasskeys:
    """Passkeys (WebAuthn), which log in alone or as a second factor."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def start_passkey(
        self, body: auth.StartPasskeyRequest | None = None
    ) -> auth.StartPasskeyResponse:
        """Set up a passkey: the options.

        Begins the registration of a passkey: options for `navigator.credentials.create`. They
        are good for five minutes. The user must have proved who they are within the last 300
        seconds, by a login or by `reauthenticate`: with the second factor, if there is one.
        Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            FactorLimitReached: There are too many factors of this kind. Please remove one first.
        """
        return await self._caller.call(operations.START_PASSKEY, body=body or {})

    async def create_passkey(self, body: auth.CreatePasskeyRequest) -> auth.CreatePasskeyResponse:
        """Set up a passkey.

        Registers a passkey. With the first factor of a user come recovery codes, and the other
        logins end. A new login, which has two factors, takes the place of the caller's: the
        tokens of the answer are the ones to use. The user must have proved who they are within
        the last 300 seconds, by a login or by `reauthenticate`: with the second factor, if
        there is one. Only the user's own login may call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            PasskeyInvalid: The passkey was not accepted. Please try again.
            ReauthenticationRequired: Please prove again who you are first.
            PasskeyExists: The passkey is registered already.
            FactorLimitReached: There are too many factors of this kind. Please remove one first.
        """
        return await self._caller.call(operations.CREATE_PASSKEY, body=body)


class AsyncPasswordReset:
    """Recovery of an account whose password is forgotten."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def forgot_password(
        self, body: auth.ForgotPasswordRequest
    ) -> auth.ForgotPasswordResponse:
        """Mail a reset of the password.

        Mails a link and a code that reset the password, if there is an account with the address
        and its mailbox has not got too many emails today. The answer is the same in any case,
        in the same time.

        Raises:
            TooManyEmails: Too many emails were requested today; please try again tomorrow.
        """
        return await self._caller.call(operations.FORGOT_PASSWORD, body=body)

    async def reset_password(self, body: auth.ResetPasswordRequest) -> auth.ResetPasswordResponse:
        """Reset the password.

        Sets a new password with the token of the link, or with the address and the code. It
        proves the address, ends every login of the account, and allows logins from devices that
        were stopped after too many wrong guesses. An account whose address was not proved
        before starts over: its sessions and organizations are gone, because another person
        could have made it. One to which an operator gave the address does not.

        Raises:
            OneTimeTokenInvalid: The link or the code is wrong, used or expired. Please ask for another email.
            TooManyAttempts: Too many wrong attempts from this network. Please try again later.
            HashingBusy: Too many logins at the moment. Please try again.
        """
        return await self._caller.call(operations.RESET_PASSWORD, body=body)


class AsyncPersonalAccessTokens:
    """Personal access tokens: secrets with which scripts and CI act for a user, in one tenant and within scopes."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_personal_access_token(
        self, body: auth.CreatePersonalAccessTokenRequest
    ) -> auth.CreatePersonalAccessTokenResponse:
        """Make a personal access token.

        Makes a personal access token. It is shown only here, and goes with calls as
        `Authorization: Bearer cdt_pat_…`. It acts in one tenant, as the user is there at the
        time of each call, and ends with the membership. A reset of the password, the first
        second factor, an undo and the deletion of the account end it, too; a logout of all
        devices does not. A repeat makes another token: one whose answer was lost can be revoked
        by the list. The user must have proved who they are within the last 300 seconds, by a
        login or by `reauthenticate`: with the second factor, if there is one. Only the user's
        own login may call it, and no program.

        Raises:
            TokenLifeTooLong: The token must end earlier.
            ProgramsNotAllowed: The organization does not allow programs.
            ReauthenticationRequired: Please prove again who you are first.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TokenLimitReached: There are too many personal access tokens. Please revoke one first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(operations.CREATE_PERSONAL_ACCESS_TOKEN, body=body)

    def list_personal_access_tokens(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.PersonalAccessToken]:
        """List your personal access tokens.

        Lists the caller's personal access tokens in the order of their ids, without their
        secrets. A page may have fewer tokens than asked for: only an empty `nextPageToken`
        marks the last page. A program needs the scope `account:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
        """
        return self._caller.pages(
            operations.LIST_PERSONAL_ACCESS_TOKENS,
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def delete_personal_access_token(
        self, token_id: str
    ) -> auth.DeletePersonalAccessTokenResponse:
        """Revoke a personal access token.

        Revokes a personal access token. Every service refuses it when the answer is there, or
        after a bounded time. A program needs the scope `account:write`.

        Raises:
            TokenNotFound: The token does not exist.
        """
        return await self._caller.call(
            operations.DELETE_PERSONAL_ACCESS_TOKEN, path={"tokenId": token_id}
        )


class AsyncRecoveryCodes:
    """Recovery codes: second factors on paper, each good once."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_recovery_codes(
        self, body: auth.CreateRecoveryCodesRequest | None = None
    ) -> auth.CreateRecoveryCodesResponse:
        """Make new recovery codes.

        Makes ten new recovery codes. Those of before are not good any more. The user must have
        proved who they are within the last 300 seconds, by a login or by `reauthenticate`: with
        the second factor, if there is one. Only the user's own login may call it, and no
        program.

        Raises:
            NoSecondFactor: Please set up an authenticator app or a passkey first.
            ReauthenticationRequired: Please prove again who you are first.
        """
        return await self._caller.call(operations.CREATE_RECOVERY_CODES, body=body or {})


class AsyncServiceAccounts:
    """Service accounts: callers that belong to an organization and to no person, with a role of their own, and keys with which they call.

    Each change of them is in the audit log of the organization.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_service_account(
        self, tenant_id: str, body: auth.CreateServiceAccountRequest
    ) -> auth.ServiceAccount:
        """Make a service account.

        Makes a service account, with a role not above the caller's. It can call nothing before
        it has a key or a client. A repeat makes another one. Needs the role `admin` or above.
        The user must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Only the user's own login may
        call it, and no program.

        Raises:
            OrganizationRequired: Service accounts belong to organizations. Please make a personal access token.
            ProgramsNotAllowed: The organization does not allow programs.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            ServiceAccountLimitReached: There are too many service accounts. Please delete one first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.CREATE_SERVICE_ACCOUNT, path={"tenantId": tenant_id}, body=body
        )

    def list_service_accounts(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[auth.ServiceAccount]:
        """List service accounts.

        Lists the service accounts of an organization in the order of their ids. Needs the role
        `admin` or above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return self._caller.pages(
            operations.LIST_SERVICE_ACCOUNTS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def get_service_account(self, tenant_id: str, account_id: str) -> auth.ServiceAccount:
        """Get a service account.

        Returns a service account. Needs the role `admin` or above. A program needs the scope
        `tenants:read`.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.GET_SERVICE_ACCOUNT, path={"tenantId": tenant_id, "accountId": account_id}
        )

    async def update_service_account(
        self, tenant_id: str, account_id: str, body: auth.UpdateServiceAccountRequest
    ) -> auth.ServiceAccount:
        """Update a service account.

        Changes the given fields of a service account. A smaller role or fewer scopes count for
        its live tokens at once. Needs the role `admin` or above. The user must have proved who
        they are within the last 300 seconds, by a login or by `reauthenticate`: with the second
        factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.UPDATE_SERVICE_ACCOUNT,
            path={"tenantId": tenant_id, "accountId": account_id},
            body=body,
        )

    async def delete_service_account(
        self, tenant_id: str, account_id: str
    ) -> auth.DeleteServiceAccountResponse:
        """Delete a service account.

        Deletes a service account with its keys. Its tokens end at once. Needs the role `admin`
        or above. Only the user's own login may call it, and no program.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.DELETE_SERVICE_ACCOUNT, path={"tenantId": tenant_id, "accountId": account_id}
        )

    async def create_service_account_key(
        self, tenant_id: str, account_id: str, body: auth.CreateServiceAccountKeyRequest
    ) -> auth.CreateServiceAccountKeyResponse:
        """Make a key of a service account.

        Makes a key of a service account. It is shown only here, and goes with calls as
        `Authorization: Bearer cdt_sak_…`. A repeat makes another key: one whose answer was lost
        can be revoked by the list. Needs the role `admin` or above. The user must have proved
        who they are within the last 300 seconds, by a login or by `reauthenticate`: with the
        second factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            TokenLifeTooLong: The token must end earlier.
            ProgramsNotAllowed: The organization does not allow programs.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            ServiceAccountKeyLimitReached: There are too many keys. Please revoke one first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.CREATE_SERVICE_ACCOUNT_KEY,
            path={"tenantId": tenant_id, "accountId": account_id},
            body=body,
        )

    def list_service_account_keys(
        self,
        tenant_id: str,
        account_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPages[auth.ServiceAccountKey]:
        """List the keys of a service account.

        Lists the keys of a service account in the order of their ids, without their secrets.
        Needs the role `admin` or above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return self._caller.pages(
            operations.LIST_SERVICE_ACCOUNT_KEYS,
            path={"tenantId": tenant_id, "accountId": account_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def delete_service_account_key(
        self, tenant_id: str, account_id: str, key_id: str
    ) -> auth.DeleteServiceAccountKeyResponse:
        """Revoke a key of a service account.

        Revokes a key of a service account. Every service refuses it when the answer is there,
        or after a bounded time. Needs the role `admin` or above. Only the user's own login may
        call it, and no program.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            ServiceAccountKeyNotFound: The key does not exist.
            ServiceAccountNotFound: The service account does not exist.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.DELETE_SERVICE_ACCOUNT_KEY,
            path={"tenantId": tenant_id, "accountId": account_id, "keyId": key_id},
        )


class AsyncTotp:
    """Authenticator apps (RFC 6238) as second factors."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def enroll_totp(self, body: auth.EnrollTotpRequest) -> auth.EnrollTotpResponse:
        """Set up an authenticator app.

        Makes the secret of an authenticator app. It counts as a factor once its first code is
        confirmed; another secret takes the place of one that is not confirmed. The user must
        have proved who they are within the last 300 seconds, by a login or by `reauthenticate`:
        with the second factor, if there is one. Only the user's own login may call it, and no
        program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            FactorLimitReached: There are too many factors of this kind. Please remove one first.
        """
        return await self._caller.call(operations.ENROLL_TOTP, body=body)

    async def confirm_totp(
        self, factor_id: str, body: auth.ConfirmTotpRequest
    ) -> auth.ConfirmTotpResponse:
        """Confirm an authenticator app.

        Confirms an authenticator app by its first code, within ten minutes. With the first
        factor of a user come recovery codes, and the other logins end. A new login, which has
        two factors, takes the place of the caller's: the tokens of the answer are the ones to
        use. The user must have proved who they are within the last 300 seconds, by a login or
        by `reauthenticate`: with the second factor, if there is one. Only the user's own login
        may call it, and no program.

        Raises:
            OriginNotAllowed: Pages of this origin may not keep a login in a cookie.
            ReauthenticationRequired: Please prove again who you are first.
            SecondFactorWrong: The second factor is wrong.
            FactorNotFound: The factor does not exist.
        """
        return await self._caller.call(
            operations.CONFIRM_TOTP, path={"factorId": factor_id}, body=body
        )


class AsyncWorkspaceTokens:
    """Workspace tokens: secrets with which a machine or an AI agent acts for a user in one workspace session."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_workspace_token(
        self, session_id: str, body: auth.CreateWorkspaceTokenRequest | None = None
    ) -> auth.CreateWorkspaceTokenResponse:
        """Make a token of a session.

        Makes a token of one of the caller's sessions. It is shown only here, and goes with
        calls as `Authorization: Bearer cdt_wst_…`. It reaches its own session alone, within its
        scopes and in the caller's role, or a smaller one that the user gets later. Logs name
        its agent. It ends with the session, with the login or grant that has made it, with the
        membership, and after a day at the latest; an operator can set another time. A workspace
        token makes others for its own agents: they have no more scopes, live no longer, and end
        with it. Other tokens make none. A session can have several at once. Needs the role
        `member` or above. A program needs the scope `sessions:write`.

        Raises:
            ProgramsNotAllowed: The organization does not allow programs.
            TenantSuspended: The tenant is suspended.
            SessionNotFound: There is no such session.
            TenantNotFound: There is no such tenant.
            AgentChainTooLong: The token names as many agents as it may, so it makes no other one.
            WorkspaceTokenLimitReached: There are too many workspace tokens. Please revoke one first.
            SessionsUnavailable: The sessions cannot be looked up at the moment. Please try again.
            TenantsUnavailable: The tenant cannot be looked up at the moment. Please try again.
        """
        return await self._caller.call(
            operations.CREATE_WORKSPACE_TOKEN, path={"sessionId": session_id}, body=body or {}
        )

    async def list_workspace_tokens(self, session_id: str) -> auth.ListWorkspaceTokensResponse:
        """List the tokens of a session.

        Lists the tokens of one of the caller's sessions in the order of their ids, without
        their secrets. A session that is not found has none. Needs the role `member` or above. A
        program needs the scope `sessions:read`.

        Raises:
            TenantSuspended: The tenant is suspended.
        """
        return await self._caller.call(
            operations.LIST_WORKSPACE_TOKENS, path={"sessionId": session_id}
        )

    async def delete_workspace_token(
        self, session_id: str, token_id: str
    ) -> auth.DeleteWorkspaceTokenResponse:
        """Revoke a token of a session.

        Revokes a token of one of the caller's sessions, and those that it has made. Every
        service refuses them when the answer is there, or after a bounded time. A workspace
        token revokes itself and those that it has made. Needs the role `member` or above. A
        program needs the scope `sessions:write`.

        Raises:
            TenantSuspended: The tenant is suspended.
            WorkspaceTokenNotFound: The session has no such token.
        """
        return await self._caller.call(
            operations.DELETE_WORKSPACE_TOKEN, path={"sessionId": session_id, "tokenId": token_id}
        )


class AsyncSessions:
    """IDE workspace sessions: what users are working on, like the tabs of a browser.

    All calls act in the active tenant, which is that of the access token. A call that names a
    tenant is refused if that is another one: so a tab cannot act in the tenant that another tab
    has switched to. A session of another user is not found, except that admins and owners can
    list and delete it. A workspace token reaches its own session alone: another one is not
    found, not even as an admin, and the token opens none.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_session(
        self,
        body: sessions.CreateSessionRequest | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> sessions.Session:
        """Open a session.

        Opens a session for the caller. Expired sessions do not count against the limit. A
        repeat with the same `Idempotency-Key` gets the session as it is by then, and
        SESSION_NOT_FOUND if it has ended. Needs the role `member` or above. A program needs the
        scope `sessions:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            TenantSuspended: The tenant is suspended.
            WorkspaceTokenRefused: A workspace token works in its own session alone.
            SessionNotFound: There is no such session.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            SessionLimitReached: There are too many sessions; please end one first.
        """
        return await self._caller.call(
            operations.CREATE_SESSION, body=body or {}, key=idempotency_key
        )

    def list_sessions(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        scope: Literal["mine", "tenant", ""] | None = None,
        tenant_id: str | None = None,
        order_by: Literal["lastActiveTime desc", "sessionId", ""] | None = None,
    ) -> AsyncPages[sessions.Session]:
        """List sessions.

        Lists the caller's sessions in the active tenant, the last active first, or by id. With
        the scope `tenant`, admins and owners list those of all members, always by id; the state
        of other users' sessions is then left empty. A page may have fewer sessions than asked
        for: only an empty `nextPageToken` marks the last page. A page continues behind the last
        session of the page before, as that was active then. A session that becomes active
        between two pages moves to the front: no later page has it, so it was on a page before,
        or a new list begins with it. Needs the role `member` or above. A program needs the
        scope `sessions:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_SESSIONS,
            query=given(
                pageSize=page_size,
                pageToken=page_token,
                scope=scope,
                tenantId=tenant_id,
                orderBy=order_by,
            ),
        )

    async def delete_sessions(
        self, *, tenant_id: str | None = None, idempotency_key: str | None = None
    ) -> sessions.DeleteSessionsResponse:
        """Delete your sessions.

        Deletes all of the caller's sessions in the active tenant, and ends their tokens. Needs
        the role `member` or above. A program needs the scope `sessions:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            TenantSuspended: The tenant is suspended.
            WorkspaceTokenRefused: A workspace token works in its own session alone.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.DELETE_SESSIONS, query=given(tenantId=tenant_id), key=idempotency_key
        )

    async def get_session(self, session_id: str) -> sessions.Session:
        """Get a session.

        Returns one of the caller's sessions. Needs the role `member` or above. A program needs
        the scope `sessions:read`.

        Raises:
            TenantSuspended: The tenant is suspended.
            SessionNotFound: There is no such session.
        """
        return await self._caller.call(operations.GET_SESSION, path={"sessionId": session_id})

    async def update_session(
        self,
        session_id: str,
        body: sessions.UpdateSessionRequest,
        *,
        idempotency_key: str | None = None,
    ) -> sessions.Session:
        """Update a session.

        Changes the given fields and marks the session as active. A call without name, path and
        state is a heartbeat. A heartbeat takes an `Idempotency-Key` but does not remember it:
        each repeat is a heartbeat, too. A repeat of a change changes nothing, does not mark the
        session as active, and gets it as it is by then. Needs the role `member` or above. A
        program needs the scope `sessions:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            TenantSuspended: The tenant is suspended.
            SessionNotFound: There is no such session.
            RevisionStale: The session has changed since; please read it again.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.UPDATE_SESSION,
            path={"sessionId": session_id},
            body=body,
            key=idempotency_key,
        )

    async def delete_session(
        self, session_id: str, *, idempotency_key: str | None = None
    ) -> sessions.DeleteSessionResponse:
        """Delete a session.

        Deletes one of the caller's sessions, and ends its tokens. Admins and owners can delete
        any session in the active tenant. Needs the role `member` or above. A program needs the
        scope `sessions:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            TenantSuspended: The tenant is suspended.
            SessionNotFound: There is no such session.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.DELETE_SESSION, path={"sessionId": session_id}, key=idempotency_key
        )


class AsyncAudit:
    """The audit log of a tenant: who did what.

    Entries about members, invitations and the tenant stand in commit order. Those about service
    accounts, their keys and clients come from another service, a moment after the change or
    once that service can deliver them, and stand in the order in which they came.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_audit(
        self,
        tenant_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        order_by: Literal["time", "time desc", ""] | None = None,
    ) -> AsyncPages[tenants.AuditEntry]:
        """List the audit log.

        Lists who did what in a tenant. Needs the role `admin` or above. A program needs the
        scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_AUDIT,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token, orderBy=order_by),
        )

    def export_audit(self, tenant_id: str) -> AsyncIterator[dict[str, Any]]:
        """Export the audit log.

        Streams the whole audit log of a tenant, one JSON object per line (NDJSON). Needs the
        role `admin` or above. A program needs the scope `tenants:read`.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            DownloadLimitReached: Too many downloads at once; please wait for one to end.
            HttpVersionNotSupported: A download needs HTTP/1.1 or newer.
        """
        return self._caller.download(operations.EXPORT_AUDIT, path={"tenantId": tenant_id})


class AsyncEvents:
    """The events of a tenant, for programs: each entry of its audit log is an event.

    A program asks for them here, or has them sent by a webhook.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list_events(
        self, tenant_id: str, *, page_size: int | None = None, cursor: str | None = None
    ) -> tenants.ListEventsResponse:
        """List events after a cursor.

        Returns the events after a cursor, the oldest first, in the order of the audit log. Each
        answer has the cursor of the next call, also when there are no events yet: a program
        that keeps it and asks again every few seconds misses no event. Without a cursor the
        events begin with the oldest one that is kept. If events after the cursor have been
        removed, because they were older than the operator keeps them, or by the restoring of a
        backup, the answer is EVENTS_EXPIRED. Needs the role `admin` or above. A program needs
        the scope `tenants:read`.

        Raises:
            CursorInvalid: The cursor is not valid for the events of this tenant.
            EventsExpired: Events after this cursor are no longer kept.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.LIST_EVENTS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, cursor=cursor),
        )


class AsyncTenants:
    """Tenants: a user's self-tenant and the organizations that the user belongs to."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_tenant(
        self, body: tenants.CreateTenantRequest, *, idempotency_key: str | None = None
    ) -> tenants.Tenant:
        """Create an organization.

        Creates an organization, with the caller as its owner. Without a slug, one is derived
        from the name. A repeat with the same `Idempotency-Key` gets TENANT_NOT_FOUND once the
        organization is deleted, or the caller is no longer a member. A program needs the scope
        `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            TenantNotFound: There is no such tenant.
            SlugTaken: Another organization has this slug already.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            TenantLimitReached: You are in too many organizations; please leave one first.
            ProfileUnavailable: The user's profile cannot be read at the moment.
        """
        return await self._caller.call(operations.CREATE_TENANT, body=body, key=idempotency_key)

    def list_tenants(
        self, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[tenants.Tenant]:
        """List your tenants.

        Lists the caller's tenants in the order of their ids. A page may have fewer tenants than
        asked for: only an empty `nextPageToken` marks the last page. A program needs the scope
        `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
        """
        return self._caller.pages(
            operations.LIST_TENANTS, query=given(pageSize=page_size, pageToken=page_token)
        )

    async def get_tenant(self, tenant_id: str) -> tenants.Tenant:
        """Get a tenant.

        Returns one of the caller's tenants, active or not. A tenant that the caller does not
        belong to is not found. A program needs the scope `tenants:read`.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
        """
        return await self._caller.call(operations.GET_TENANT, path={"tenantId": tenant_id})

    async def update_tenant(
        self,
        tenant_id: str,
        body: tenants.UpdateTenantRequest,
        *,
        idempotency_key: str | None = None,
    ) -> tenants.Tenant:
        """Update an organization.

        Changes the given fields. Admins can change the name, owners also the state. Needs the
        role `admin` or above. A program needs the scope `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantSuspendedByOperator: The operator of this system has suspended the organization. Please contact them.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.UPDATE_TENANT, path={"tenantId": tenant_id}, body=body, key=idempotency_key
        )

    async def delete_tenant(
        self, tenant_id: str, *, idempotency_key: str | None = None
    ) -> tenants.DeleteTenantResponse:
        """Delete an organization.

        Deletes an organization and everything in it, for good. A suspended organization can be
        deleted too, unless an operator has suspended it. Needs the role `owner` or above. The
        user must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Only the user's own login may
        call it, and no program.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantSuspendedByOperator: The operator of this system has suspended the organization. Please contact them.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.DELETE_TENANT, path={"tenantId": tenant_id}, key=idempotency_key
        )


class AsyncInvitations:
    """Invitations to an organization: send, list, withdraw and accept them."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_invitation(
        self,
        tenant_id: str,
        body: tenants.CreateInvitationRequest,
        *,
        idempotency_key: str | None = None,
    ) -> tenants.Invitation:
        """Invite a member.

        Invites a person by email, with a role not above the caller's. To invite an admin or an
        owner, the caller must have proved within the last 300 seconds who they are, with the
        second factor if there is one. The email and the answer have different tokens, because
        only the one in the email proves an address: see AcceptInvitation. The invitation ends
        early if the caller leaves the organization or gets a role below the invitation's. An
        address at a domain that the policy of the organization does not allow is refused. A
        repeat with the same `Idempotency-Key` finds no invitation once it was accepted,
        withdrawn or resent, or has expired. Needs the role `admin` or above. A program needs
        the scope `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            EmailDomainNotAllowed: The organization does not take members with this email address.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            InvitationNotFound: The invitation does not exist or is not valid any more.
            TenantNotFound: There is no such tenant.
            InvitationExists: There is already a pending invitation to this email address.
            MemberExists: This user is already a member.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            InvitationLimitReached: There are too many pending invitations; please withdraw one first.
            MailLimitReached: Too many invitations were mailed today; please try again tomorrow.
        """
        return await self._caller.call(
            operations.CREATE_INVITATION,
            path={"tenantId": tenant_id},
            body=body,
            key=idempotency_key,
        )

    def list_invitations(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[tenants.Invitation]:
        """List invitations.

        Lists the pending invitations in the order of their ids. A page may have fewer
        invitations than asked for: only an empty `nextPageToken` marks the last page. Needs the
        role `admin` or above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_INVITATIONS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def delete_invitation(
        self, tenant_id: str, invitation_id: str, *, idempotency_key: str | None = None
    ) -> tenants.DeleteInvitationResponse:
        """Withdraw an invitation.

        Withdraws an invitation. Its tokens stop being good. Needs the role `admin` or above. A
        program needs the scope `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            InvitationNotFound: The invitation does not exist or is not valid any more.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.DELETE_INVITATION,
            path={"tenantId": tenant_id, "invitationId": invitation_id},
            key=idempotency_key,
        )

    async def resend_invitation(
        self,
        tenant_id: str,
        invitation_id: str,
        body: tenants.ResendInvitationRequest | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> tenants.Invitation:
        """Resend an invitation.

        Sends an invitation again, now in the caller's name, with new tokens and a new expiry
        time. The previous tokens stop being good. Needs the role `admin` or above. A program
        needs the scope `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            EmailDomainNotAllowed: The organization does not take members with this email address.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            InvitationNotFound: The invitation does not exist or is not valid any more.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            MailLimitReached: Too many invitations were mailed today; please try again tomorrow.
        """
        return await self._caller.call(
            operations.RESEND_INVITATION,
            path={"tenantId": tenant_id, "invitationId": invitation_id},
            body=body or {},
            key=idempotency_key,
        )

    async def accept_invitation(
        self, body: tenants.AcceptInvitationRequest, *, idempotency_key: str | None = None
    ) -> tenants.Tenant:
        """Accept an invitation.

        Makes the caller a member. An invitation works once, for anyone who holds one of its
        tokens. The role of the invitation goes to a caller with the token from its email, and
        to a caller whose proved address is the invited one. Anyone else becomes a plain
        `member`: then `promisedRole` is the role of the invitation, which the member gets on
        proving the invited address, if the inviter may still give it by then. The token from
        the email also proves the caller's address if that is the invited one. If the policy of
        the organization names domains, the caller needs a proved address at one of them. All
        tokens that do not work get the same answer: unknown, used, withdrawn or expired ones,
        and those whose inviter has left or has a role below the invitation's. So does a repeat
        with the same `Idempotency-Key` by a caller who is no longer a member. Only the user's
        own login may call it, and no program.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            EmailDomainNotAllowed: The organization does not take members with this email address.
            TenantSuspended: The tenant is suspended.
            InvitationNotFound: The invitation does not exist or is not valid any more.
            MemberExists: This user is already a member.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
            MemberLimitReached: The organization has the maximum number of members.
            TenantLimitReached: You are in too many organizations; please leave one first.
            ProfileUnavailable: The user's profile cannot be read at the moment.
        """
        return await self._caller.call(operations.ACCEPT_INVITATION, body=body, key=idempotency_key)

    async def opt_out(self, body: tenants.OptOutRequest) -> tenants.OptOutResponse:
        """Stop invitation emails.

        Stops invitation emails to a mailbox, or lets them come again. The token is in every
        invitation email. The answer to an inviter does not say so: an invitation to the mailbox
        is created but not mailed.

        Raises:
            OptOutTokenInvalid: This link does not work. Please use the one in a later email.
        """
        return await self._caller.call(operations.OPT_OUT, body=body)

    async def opt_out_by_one_click(self, *, token: str) -> tenants.OptOutByOneClickResponse:
        """Stop invitation emails by one click.

        Stops invitation emails to a mailbox, by one click in a mail program (RFC 8058). The
        mail program posts the form `List-Unsubscribe=One-Click`, which is ignored, to the
        address in the email.

        Raises:
            OptOutTokenInvalid: This link does not work. Please use the one in a later email.
        """
        return await self._caller.call(operations.OPT_OUT_BY_ONE_CLICK, query=given(token=token))


class AsyncMembers:
    """Members of a tenant and their roles."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_members(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[tenants.Member]:
        """List members.

        Lists the members of a tenant in the order of their ids. Needs the role `member` or
        above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_MEMBERS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def update_member(
        self,
        tenant_id: str,
        user_id: str,
        body: tenants.UpdateMemberRequest,
        *,
        idempotency_key: str | None = None,
    ) -> tenants.Member:
        """Change a member's role.

        Changes the role of a member. The caller can neither give a role above their own nor
        change the role of a member who has one above it. Needs the role `admin` or above. The
        user must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. A program needs the scope
        `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            LastOwner: An organization needs an owner; please make another member an owner first.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            MemberNotFound: The user is not a member of this tenant.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.UPDATE_MEMBER,
            path={"tenantId": tenant_id, "userId": user_id},
            body=body,
            key=idempotency_key,
        )

    async def remove_member(
        self, tenant_id: str, user_id: str, *, idempotency_key: str | None = None
    ) -> tenants.RemoveMemberResponse:
        """Remove a member, or leave.

        Removes a member. Every member can leave; admins and owners can remove members whose
        role is not above their own. A member can leave without the second factor that the
        policy of the organization asks for. Needs the role `member` or above. A program needs
        the scope `tenants:write`.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            LastOwner: An organization needs an owner; please make another member an owner first.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            MemberNotFound: The user is not a member of this tenant.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.REMOVE_MEMBER,
            path={"tenantId": tenant_id, "userId": user_id},
            key=idempotency_key,
        )


class AsyncOperatorTenants:
    """Organizations, for operators.

    Each call is in the operator log.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_operator_tenants(
        self,
        *,
        slug: str | None = None,
        user_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPages[tenants.OperatedTenant]:
        """List organizations, as an operator.

        Lists organizations in the order of their slugs; or the one with a slug; or all tenants
        of a user, in the order of their ids. Needs a login with a second factor. Only an
        operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
        """
        return self._caller.pages(
            operations.LIST_OPERATOR_TENANTS,
            query=given(slug=slug, userId=user_id, pageSize=page_size, pageToken=page_token),
        )

    async def get_operator_tenant(self, tenant_id: str) -> tenants.OperatedTenant:
        """Get a tenant, as an operator.

        Returns a tenant. Needs a login with a second factor. Only an operator may call it, in a
        login of their own with two factors.

        Raises:
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            TenantNotFound: There is no such tenant.
        """
        return await self._caller.call(operations.GET_OPERATOR_TENANT, path={"tenantId": tenant_id})

    def list_operator_members(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[tenants.Member]:
        """List members, as an operator.

        Lists the members of a tenant in the order of their ids. Needs a login with a second
        factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            TenantNotFound: There is no such tenant.
        """
        return self._caller.pages(
            operations.LIST_OPERATOR_MEMBERS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def suspend_operator_tenant(
        self, tenant_id: str, body: tenants.SuspendOperatorTenantRequest
    ) -> tenants.OperatedTenant:
        """Suspend an organization, as an operator.

        Suspends an organization until an operator resumes it: its owners can neither resume nor
        delete it. Nothing happens if an operator has suspended it already. Needs a login with a
        second factor. Only an operator may call it, in a login of their own with two factors.

        Raises:
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            TenantNotFound: There is no such tenant.
        """
        return await self._caller.call(
            operations.SUSPEND_OPERATOR_TENANT, path={"tenantId": tenant_id}, body=body
        )

    async def resume_operator_tenant(
        self, tenant_id: str, body: tenants.ResumeOperatorTenantRequest
    ) -> tenants.OperatedTenant:
        """Resume an organization, as an operator.

        Resumes an organization, whether an operator or an owner has suspended it. Nothing
        happens if it is active. Needs a login with a second factor. Only an operator may call
        it, in a login of their own with two factors.

        Raises:
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            TenantNotFound: There is no such tenant.
        """
        return await self._caller.call(
            operations.RESUME_OPERATOR_TENANT, path={"tenantId": tenant_id}, body=body
        )

    async def hand_over_operator_tenant(
        self, tenant_id: str, body: tenants.HandOverOperatorTenantRequest
    ) -> tenants.Member:
        """Make a member an owner, as an operator.

        Makes a member an owner, for an organization whose owners are gone or cannot log in. The
        other owners stay. Nothing happens if the member is an owner. Operators make no owners
        of themselves. The user must have proved who they are within the last 300 seconds, by a
        login or by `reauthenticate`: with the second factor, if there is one. Needs a login
        with a second factor. Only an operator may call it, in a login of their own with two
        factors.

        Raises:
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            OperatorRequired: Only an operator of this system may do this, logged in with two factors.
            ReauthenticationRequired: Please prove again who you are first.
            UserIsOperator: The user is an operator of this system. Revoke that first, on the command line.
            MemberNotFound: The user is not a member of this tenant.
            TenantNotFound: There is no such tenant.
        """
        return await self._caller.call(
            operations.HAND_OVER_OPERATOR_TENANT, path={"tenantId": tenant_id}, body=body
        )


class AsyncPolicies:
    """The policy of a tenant: what it asks of its members and their logins."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_policy(self, tenant_id: str) -> tenants.Policy:
        """Get the policy of a tenant.

        Returns the policy of a tenant. A self-tenant asks for nothing. Needs the role `member`
        or above. A program needs the scope `tenants:read`.

        Raises:
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(operations.GET_POLICY, path={"tenantId": tenant_id})

    async def update_policy(
        self,
        tenant_id: str,
        body: tenants.UpdatePolicyRequest,
        *,
        idempotency_key: str | None = None,
    ) -> tenants.Policy:
        """Update the policy of an organization.

        Changes the given fields. With `secondFactorRequired`, the calls of members in the
        organization get SECOND_FACTOR_REQUIRED until their login has two factors; they can
        still list and get their tenants, switch to another one, and leave. Only an owner whose
        own login has two factors can turn it on; any other one gets SECOND_FACTOR_REQUIRED,
        too. When a second factor is turned on or off, programs are no longer allowed, or a
        limit of logins or tokens becomes smaller, the access tokens of all members stop being
        good; a refresh gets tokens by the new policy. Needs the role `owner` or above. The user
        must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Only the user's own login may
        call it, and no program.

        Raises:
            IdempotencyKeyInvalid: The idempotency key must be 1 to 128 printable ASCII characters.
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            IdempotencyKeyReused: The idempotency key was used before with another request.
            IdempotencyLimitReached: Too many idempotency keys were used within a day.
        """
        return await self._caller.call(
            operations.UPDATE_POLICY, path={"tenantId": tenant_id}, body=body, key=idempotency_key
        )


class AsyncWebhooks:
    """Webhooks: URLs to which the events of an organization are sent, each in the order of the audit log and at least once, signed as Standard Webhooks 1.0 says.

    An event that is not answered with a status of 200 to 299 is tried again, for three days
    unless the operator sets another time, and those after it wait. Then it is given up, and is
    a failed delivery. If the next one fails, too, the webhook is disabled.
    """

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def create_webhook(
        self, tenant_id: str, body: tenants.CreateWebhookRequest
    ) -> tenants.CreateWebhookResponse:
        """Make a webhook.

        Makes a webhook, which sends the events of the organization to a URL. The first one is
        that of its own making. The secret with which it signs is shown only here. A repeat
        makes another webhook. Needs the role `admin` or above. The user must have proved who
        they are within the last 300 seconds, by a login or by `reauthenticate`: with the second
        factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            SelfTenantImmutable: A self-tenant cannot be changed, shared or deleted.
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
            WebhookLimitReached: There are too many webhooks; please delete one first.
        """
        return await self._caller.call(
            operations.CREATE_WEBHOOK, path={"tenantId": tenant_id}, body=body
        )

    def list_webhooks(
        self, tenant_id: str, *, page_size: int | None = None, page_token: str | None = None
    ) -> AsyncPages[tenants.Webhook]:
        """List webhooks.

        Lists the webhooks of an organization in the order of their ids. Needs the role `admin`
        or above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_WEBHOOKS,
            path={"tenantId": tenant_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def get_webhook(self, tenant_id: str, webhook_id: str) -> tenants.Webhook:
        """Get a webhook.

        Returns a webhook, and how its deliveries go. Needs the role `admin` or above. A program
        needs the scope `tenants:read`.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.GET_WEBHOOK, path={"tenantId": tenant_id, "webhookId": webhook_id}
        )

    async def update_webhook(
        self, tenant_id: str, webhook_id: str, body: tenants.UpdateWebhookRequest
    ) -> tenants.Webhook:
        """Update a webhook.

        Changes the given fields of a webhook. Another URL gets the events that are still to be
        sent. A webhook that is enabled again sends at once, beginning with the first event that
        it has not delivered. Needs the role `admin` or above. The user must have proved who
        they are within the last 300 seconds, by a login or by `reauthenticate`: with the second
        factor, if there is one. Only the user's own login may call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.UPDATE_WEBHOOK,
            path={"tenantId": tenant_id, "webhookId": webhook_id},
            body=body,
        )

    async def delete_webhook(
        self, tenant_id: str, webhook_id: str
    ) -> tenants.DeleteWebhookResponse:
        """Delete a webhook.

        Deletes a webhook. A delivery that is under way may still arrive. Needs the role `admin`
        or above. Only the user's own login may call it, and no program.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.DELETE_WEBHOOK, path={"tenantId": tenant_id, "webhookId": webhook_id}
        )

    async def rotate_webhook_secret(
        self, tenant_id: str, webhook_id: str
    ) -> tenants.RotateWebhookSecretResponse:
        """Rotate the secret of a webhook.

        Gives a webhook another secret, which is shown only here. For a day every delivery is
        signed with both, so that the receiver can change over without a pause. A repeat makes
        another secret and ends the oldest one at once. Needs the role `admin` or above. The
        user must have proved who they are within the last 300 seconds, by a login or by
        `reauthenticate`: with the second factor, if there is one. Only the user's own login may
        call it, and no program.

        Raises:
            ReauthenticationRequired: Please prove again who you are first.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.ROTATE_WEBHOOK_SECRET, path={"tenantId": tenant_id, "webhookId": webhook_id}
        )

    async def test_webhook(self, tenant_id: str, webhook_id: str) -> tenants.TestWebhookResponse:
        """Test a webhook.

        Sends the event `webhook.test` to the URL of a webhook at once, and waits for the
        answer, five seconds at most. A webhook can be tested while it is disabled. Nothing is
        tried again. Needs the role `admin` or above. Only the user's own login may call it, and
        no program.

        Raises:
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.TEST_WEBHOOK, path={"tenantId": tenant_id, "webhookId": webhook_id}
        )

    def list_failed_deliveries(
        self,
        tenant_id: str,
        webhook_id: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
    ) -> AsyncPages[tenants.FailedDelivery]:
        """List failed deliveries.

        Lists the events that a webhook has given up, in the order of the audit log. Needs the
        role `admin` or above. A program needs the scope `tenants:read`.

        Raises:
            PageTokenInvalid: The page token is not valid for this list.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return self._caller.pages(
            operations.LIST_FAILED_DELIVERIES,
            path={"tenantId": tenant_id, "webhookId": webhook_id},
            query=given(pageSize=page_size, pageToken=page_token),
        )

    async def replay_webhook(
        self, tenant_id: str, webhook_id: str, body: tenants.ReplayWebhookRequest | None = None
    ) -> tenants.ReplayWebhookResponse:
        """Replay events of a webhook.

        Sends events again: with `eventId` this failed delivery, with `cursor` all events after
        the cursor, in order, and with neither all failed deliveries. An event that fails again
        stays a failed delivery. Needs the role `admin` or above. Only the user's own login may
        call it, and no program.

        Raises:
            CursorInvalid: The cursor is not valid for the events of this tenant.
            EventsExpired: Events after this cursor are no longer kept.
            RoleMissing: The role in this tenant does not allow this.
            TenantSuspended: The tenant is suspended.
            FailedDeliveryNotFound: The webhook has no such failed delivery.
            TenantNotFound: There is no such tenant.
            WebhookNotFound: The webhook does not exist.
            TenantNotActive: The access token is for another tenant; please get one for this tenant first.
        """
        return await self._caller.call(
            operations.REPLAY_WEBHOOK,
            path={"tenantId": tenant_id, "webhookId": webhook_id},
            body=body or {},
        )


class AsyncGateway:
    """What the gateway answers by itself."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get_health(self) -> dict[str, Any]:
        """Check the gateway.

        Says that the gateway runs.
        """
        return await self._caller.call(operations.GET_HEALTH)

    async def get_ready(self) -> dict[str, Any]:
        """Check the services.

        Says whether every service serves calls.

        Raises:
            NotReady: A service cannot serve at the moment.
        """
        return await self._caller.call(operations.GET_READY)


class AsyncGroups:
    """All groups of the API."""

    def __init__(self, caller: AsyncCaller) -> None:
        self.accounts = AsyncAccounts(caller)
        self.device_login = AsyncDeviceLogin(caller)
        self.authorizations = AsyncAuthorizations(caller)
        self.discovery = AsyncDiscovery(caller)
        self.email_addresses = AsyncEmailAddresses(caller)
        self.factors = AsyncFactors(caller)
        self.grants = AsyncGrants(caller)
        self.keys = AsyncKeys(caller)
        self.logins = AsyncLogins(caller)
        self.oauth = AsyncOAuth(caller)
        self.oauth_clients = AsyncOAuthClients(caller)
        self.operator_log = AsyncOperatorLog(caller)
        self.security_log = AsyncSecurityLog(caller)
        self.operator_users = AsyncOperatorUsers(caller)
        self.operators = AsyncOperators(caller)
        self.passkeys = AsyncPasskeys(caller)
        self.password_reset = AsyncPasswordReset(caller)
        self.personal_access_tokens = AsyncPersonalAccessTokens(caller)
        self.recovery_codes = AsyncRecoveryCodes(caller)
        self.service_accounts = AsyncServiceAccounts(caller)
        self.totp = AsyncTotp(caller)
        self.workspace_tokens = AsyncWorkspaceTokens(caller)
        self.sessions = AsyncSessions(caller)
        self.audit = AsyncAudit(caller)
        self.events = AsyncEvents(caller)
        self.tenants = AsyncTenants(caller)
        self.invitations = AsyncInvitations(caller)
        self.members = AsyncMembers(caller)
        self.operator_tenants = AsyncOperatorTenants(caller)
        self.policies = AsyncPolicies(caller)
        self.webhooks = AsyncWebhooks(caller)
        self.gateway = AsyncGateway(caller)
