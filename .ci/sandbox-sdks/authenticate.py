"""What an application's server does with a token: verify_token and authenticate_request."""
import functools
import importlib
import json
import urllib.request
from unittest import mock

KEY = "sk_test_sdks"
PAGE = "http://localhost:3000"

try:
    NAME = "clerk_backend_api.security.authenticaterequest"
    sdk = importlib.import_module(NAME)
    from clerk_backend_api.security import AuthenticateRequestOptions, TokenVerificationError
    TAKES_MACHINES = True
except ImportError:
    NAME = "clerk_backend_api.jwks_helpers.authenticaterequest"
    sdk = importlib.import_module(NAME)
    from clerk_backend_api.jwks_helpers import AuthenticateRequestOptions, TokenVerificationError
    TAKES_MACHINES = False


class Request:  # pylint: disable=too-few-public-methods
    def __init__(self, **headers):
        self.headers = headers


def bearer(token):
    return Request(Authorization=f"Bearer {token}")


def refused(call, *arguments):
    """The reason why a token isn't accepted."""
    try:
        call(*arguments)
    except TokenVerificationError as error:
        return error.reason.name
    raise AssertionError("it was accepted")


def authenticate(url, call):
    """Runs each case; returns its name with the reason if it failed."""
    with urllib.request.urlopen(url, timeout=10) as response:
        jwt_key = json.load(response)["jwt_key"]
    user = call("POST", "/v1/users", {"username": "visitor"})
    admin = call("POST", "/v1/users", {"username": "admin_of_all"})
    org = call("POST", "/v1/organizations", {"name": "Letters", "created_by": admin["id"]})
    permission = {"name": "Send", "key": "org:letters:send", "description": "Send"}
    permission = call("POST", "/v1/organization_permissions", permission)
    call("POST", "/v1/organization_roles", {"name": "Writer", "key": "org:writer", "permissions": [permission["id"]]})
    call("POST", f"/v1/organizations/{org['id']}/memberships", {"user_id": user["id"], "role": "org:writer"})
    session = call("POST", "/v1/sessions", {"user_id": user["id"], "active_organization_id": org["id"]})
    token = call("POST", f"/v1/sessions/{session['id']}/tokens", {}, {"Origin": PAGE})["jwt"]
    signed, signature = token.rsplit(".", 1)
    forged = f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    # AuthenticateRequestOptions has no address of the API, so its default is replaced.
    options = functools.partial(sdk.VerifyTokenOptions, api_url=url)

    def request(token, **given):
        given = {"secret_key": KEY, **given}
        with mock.patch.object(sdk, "VerifyTokenOptions", options):
            return sdk.authenticate_request(bearer(token), AuthenticateRequestOptions(**given))

    def key_set():
        claims = sdk.verify_token(token, options(secret_key=KEY))
        assert (claims["sub"], claims["sid"], claims["azp"]) == (user["id"], session["id"], PAGE), claims

    def networkless():
        claims = sdk.verify_token(token, options(jwt_key=jwt_key))
        assert claims["sub"] == user["id"], claims

    def forgery():
        for given in ({"secret_key": KEY}, {"jwt_key": jwt_key}):
            reason = refused(sdk.verify_token, forged, options(**given))
            assert reason == "TOKEN_INVALID_SIGNATURE", reason

    def parties():
        given = options(secret_key=KEY, authorized_parties=["https://evil.example"])
        reason = refused(sdk.verify_token, token, given)
        assert reason == "TOKEN_INVALID_AUTHORIZED_PARTIES", reason
        sdk.verify_token(token, options(secret_key=KEY, authorized_parties=[PAGE]))

    def signed_in():
        for given in ({}, {"jwt_key": jwt_key}):
            state = request(token, **given)
            assert state.is_signed_in and state.payload["sub"] == user["id"], state.reason

    def in_cookie():
        with mock.patch.object(sdk, "VerifyTokenOptions", options):
            state = sdk.authenticate_request(
                Request(cookie=f"__session={token}"), AuthenticateRequestOptions(secret_key=KEY))
        assert state.is_signed_in, state.reason

    def signed_out():
        state = sdk.authenticate_request(Request(), AuthenticateRequestOptions(secret_key=KEY))
        assert not state.is_signed_in and state.reason.name == "SESSION_TOKEN_MISSING", state.reason
        state = request(forged)
        assert not state.is_signed_in and state.reason.name == "TOKEN_INVALID_SIGNATURE", state.reason

    def organization():
        auth = request(token).to_auth()
        found = (auth.org_id, auth.org_slug, auth.org_role, auth.org_permissions)
        assert found == (org["id"], org["slug"], "writer", ["org:letters:send"]), found

    def api_key():
        made = call("POST", "/v1/api_keys", {"name": "robot", "subject": user["id"]})
        secret = call("GET", f"/v1/api_keys/{made['id']}/secret")["secret"]
        auth = request(secret, accepts_token=["api_key"]).to_auth()
        assert auth.user_id == user["id"], auth
        assert not request(secret, accepts_token=["session_token"]).is_signed_in
        assert not request("ak_none").is_signed_in

    def m2m_token():
        called = call("POST", "/v1/machines", {"name": "robot"})
        caller = call("POST", "/v1/machines", {"name": "engineer", "scoped_machines": [called["id"]]})
        keys = [call("GET", f"/v1/machines/{machine['id']}/secret_key")["secret"] for machine in (caller, called)]
        made = call("POST", "/v1/m2m_tokens", {}, {"Authorization": f"Bearer {keys[0]}"})
        state = request(made["token"], secret_key=None, machine_secret_key=keys[1])
        assert state.is_signed_in and state.payload["subject"] == caller["id"], state.reason
        # The SDK verifies a JWT by its signature alone, as it does session tokens.
        made = call("POST", "/v1/m2m_tokens", {"token_format": "jwt"}, {"Authorization": f"Bearer {keys[0]}"})
        claims = sdk.verify_token(made["token"], options(secret_key=KEY))
        assert claims["sub"] == caller["id"], claims
        verified = call("POST", "/v1/m2m_tokens/verify", {"token": made["token"]})
        assert verified["scopes"] == [called["id"]], verified

    def oauth_token():
        app = {"name": "Robot", "redirect_uris": ["https://robot.example/callback"], "scopes": "profile"}
        app = call("POST", "/v1/oauth_applications", app)
        made = {"client_id": app["client_id"], "subject": user["id"]}
        made = call("POST", "/sandbox/oauth_access_tokens", made)["token"]
        state = request(made, accepts_token=["oauth_token"])
        assert state.is_signed_in and state.to_auth().user_id == user["id"], state.reason
        assert not request("oat_none").is_signed_in

    cases = [key_set, networkless, forgery, parties, signed_in, in_cookie, signed_out]
    if TAKES_MACHINES:
        cases += [organization, api_key, m2m_token, oauth_token]
    results = {}
    for case in cases:
        name = f"authenticate_request: {case.__name__}"
        try:
            case()
            results[name] = None
        except Exception as error:  # pylint: disable=broad-except
            results[name] = f"{type(error).__name__} {error}"
    return results
