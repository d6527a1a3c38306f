"""Every method of clerk-backend-api against a sandbox: its result must pass the SDK's models.

    python walk.py BINARY
"""
import base64
import datetime
import hashlib
import hmac
import inspect
import json
import re
import struct
import subprocess
import sys
import time
import urllib.request

import clerk_backend_api
from clerk_backend_api import Clerk

from authenticate import authenticate

KEY = "sk_test_sdks"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VERSION = clerk_backend_api.VERSION

# What fails by a fault of the SDK's own.
FAULTS = {}


def totp():
    counter = struct.pack(">Q", int(time.time()) // 30)
    mac = hmac.new(base64.b32decode(TOTP_SECRET), counter, hashlib.sha1).digest()
    (number,) = struct.unpack_from(">I", mac, mac[19] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


class State:
    """What calls leave for later ones, and what the SDK has no method for."""

    def __init__(self, url):
        self.url = url

    def call(self, method, path, body=None, more=None):
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **(more or {})},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def users(self):
        return self.call("GET", "/v1/users?limit=500&order_by=created_at")

    def passkey(self):
        user = next(user for user in self.users() if user["passkeys"])
        return {"user_id": user["id"], "passkey_identification_id": user["passkeys"][0]["id"]}

    def external(self):
        for user in self.users():
            for account in user["external_accounts"]:
                if account["provider"] == "oauth_google":
                    return {"user_id": user["id"], "external_account_id": account["id"]}
        raise LookupError("no Google account in the sandbox")

    def device(self):
        for user in self.users():
            devices = self.call("GET", f"/v1/users/{user['id']}/trusted_devices")["data"]
            if devices:
                return {"user_id": user["id"], "trusted_device_id": devices[0]["id"]}
        raise LookupError("no trusted device in the sandbox")

    def token_of(self, session_id):
        """A session token that was asked for from a page."""
        return self.call("POST", f"/v1/sessions/{session_id}/tokens", {}, {"Origin": "http://localhost:3000"})["jwt"]

    def sign_up(self):
        """A sign-up that is not finished."""
        self.signed_up = getattr(self, "signed_up", 0) + 1
        return self.call("POST", "/sandbox/sign_ups", {"email_address": f"guest{self.signed_up}@example.com"})["id"]

    def item(self, is_trial):
        items = self.call("GET", "/v1/billing/subscription_items?limit=100")["data"]
        return next(item["id"] for item in items if item["is_free_trial"] == is_trial and item["status"] == "active")

    def prices(self):
        prices = self.call("GET", "/v1/billing/prices?limit=100")["data"]
        item = next(i for i in self.call("GET", "/v1/billing/subscription_items?limit=100")["data"] if i["id"] == self.item(False))
        others = [price["id"] for price in prices if price["id"] != item["price_id"] and price["plan_id"] == item["plan_id"]]
        return {"from_price_id": item["price_id"], "to_price_id": others[0]}

    @staticmethod
    def in_days(days):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)

    def prepared(self, path, identifier):
        return self.call("POST", f"/v1/{path}/{identifier}/prepare_verification")["id"]

    def oauth_token(self):
        body = {"client_id": self.app.client_id, "subject": self.user.id}
        return self.call("POST", "/sandbox/oauth_access_tokens", body)["token"]


def user(c, s):
    fields = {
        "email_address": ["walk@example.com"],
        "phone_number": ["+12015550142"],
        "web3_wallet": ["0x0123456789abcdef0123456789abcdef01234567"],
        "username": "walker",
        "external_id": "walk_1",
        "first_name": "Walk",
        "last_name": "Through",
        "password": "correct horse battery",
        "totp_secret": TOTP_SECRET,
        "backup_codes": ["backup-1", "backup-2"],
        "public_metadata": {"plan": "pro"},
    }
    s.user = c.users.create(**given(c.users.create, fields))
    return s.user


def given(method, fields):
    """The fields as arguments, or as the one argument of methods that take a request."""
    return {"request": fields} if "request" in inspect.signature(method).parameters else fields


def keep(name):
    """Keeps a result for later calls."""
    def keeper(result, s):
        setattr(s, name, result)
    return keeper


SAML = {
    "idp_entity_id": "https://idp.acme.example/entity",
    "idp_sso_url": "https://idp.acme.example/sso",
}
PNG = {"file_name": "logo.png", "content": PICTURE, "content_type": "image/png"}
TEMPLATE = {"template_type": "email", "slug": "verification_code"}
BODY = "<re-html>{{otp_code}}</re-html>"

# How to call each method, in this order: its arguments, from what the calls before have kept. A
# method that is not in this list fails the run.
PLAN = [
    ("users.get", lambda s: {"user_id": s.user.id}),
    ("users.list", lambda s: {"request": {"user_id": [s.user.id], "limit": 5}}),
    ("users.count", lambda s: {"email_address": ["walk@example.com"]}),
    ("users.update", lambda s: {"user_id": s.user.id, "first_name": "Walked"}),
    ("users.update_metadata", lambda s: {"user_id": s.user.id, "private_metadata": {"crm": 1}}),
    ("users.replace_metadata", lambda s: {"user_id": s.user.id, "unsafe_metadata": {"theme": "dark"}}),
    ("users.set_profile_image", lambda s: {"user_id": s.user.id, "file": PNG}),
    ("users.delete_profile_image", lambda s: {"user_id": s.user.id}),
    ("users.verify_password", lambda s: {"user_id": s.user.id, "password": "correct horse battery"}),
    ("users.verify_totp", lambda s: {"user_id": s.user.id, "code": totp()}),
    ("users.set_password_compromised", lambda s: {"user_id": s.user.id, "revoke_all_sessions": True}),
    ("users.unset_password_compromised", lambda s: {"user_id": s.user.id}),
    ("users.delete_backup_codes", lambda s: {"user_id": s.user.id}),
    ("users.delete_totp", lambda s: {"user_id": s.user.id}),
    ("users.disable_mfa", lambda s: {"user_id": s.user.id}),
    ("users.remove_password", lambda s: {"user_id": s.user.id}),
    ("users.delete_web3_wallet", lambda s: {
        "user_id": s.user.id, "web3_wallet_identification_id": s.user.web3_wallets[0].id}),
    ("users.delete_passkey", lambda s: s.passkey()),
    ("users.get_o_auth_access_token", lambda s: {"user_id": s.external()["user_id"], "provider": "oauth_google"}),
    ("users.delete_external_account", lambda s: s.external()),
    ("users.list_trusted_devices", lambda s: {"user_id": s.device()["user_id"]}),
    ("users.revoke_trusted_device", lambda s: s.device()),
    ("users.ban", lambda s: {"user_id": s.user.id}),
    ("users.unban", lambda s: {"user_id": s.user.id}),
    ("users.bulk_ban", lambda s: {"user_ids": [s.user.id]}),
    ("users.bulk_unban", lambda s: {"user_ids": [s.user.id]}),
    ("users.lock", lambda s: {"user_id": s.user.id}),
    ("users.unlock", lambda s: {"user_id": s.user.id}),
    ("email_addresses.create", lambda s: {"user_id": s.user.id, "email_address": "second+clerk_test@example.com"}, keep("email")),
    ("email_addresses.get", lambda s: {"email_address_id": s.email.id}),
    ("email_addresses.prepare_verification", lambda s: {"email_address_id": s.email.id}),
    ("email_addresses.attempt_verification", lambda s: {
        "email_address_id": s.email.id, "verification_id": s.prepared("email_addresses", s.email.id), "code": "424242"}),
    ("email_addresses.update", lambda s: {"email_address_id": s.email.id, "verified": True, "primary": True}),
    ("email_addresses.delete", lambda s: {"email_address_id": s.email.id}),
    ("phone_numbers.create", lambda s: {"user_id": s.user.id, "phone_number": "+12015550143", "verified": True}, keep("phone")),
    ("phone_numbers.get", lambda s: {"phone_number_id": s.phone.id}),
    ("phone_numbers.prepare_verification", lambda s: {"phone_number_id": s.phone.id}),
    ("phone_numbers.attempt_verification", lambda s: {
        "phone_number_id": s.phone.id, "verification_id": s.prepared("phone_numbers", s.phone.id), "code": "424242"}),
    ("phone_numbers.update", lambda s: {"phone_number_id": s.phone.id, "reserved_for_second_factor": True}),
    ("phone_numbers.delete", lambda s: {"phone_number_id": s.phone.id}),
    ("email_addresses.replace_for_user", lambda s: {"user_id": s.user.id, "email_address": "only@example.com"}),
    ("phone_numbers.replace_for_user", lambda s: {"user_id": s.user.id, "phone_number": "+12015550144"}),

    ("organization_permissions.create", lambda s: {
        "name": "Read reports", "key": "org:reports:read", "description": "Reports"}, keep("permission")),
    ("organization_permissions.list", lambda s: {"limit": 50}),
    ("organization_permissions.get", lambda s: {"permission_id": s.permission.id}),
    ("organization_permissions.update", lambda s: {"permission_id": s.permission.id, "name": "Read the reports"}),
    ("organization_roles.create", lambda s: {"name": "Analyst", "key": "org:analyst", "description": "Reads"}, keep("role")),
    ("organization_roles.list", lambda s: {"limit": 50}),
    ("organization_roles.get", lambda s: {"organization_role_id": s.role.id}),
    ("organization_roles.update", lambda s: {"organization_role_id": s.role.id, "name": "Data analyst"}),
    ("organization_roles.assign_permission", lambda s: {"organization_role_id": s.role.id, "permission_id": s.permission.id}),
    ("organization_roles.remove_permission", lambda s: {"organization_role_id": s.role.id, "permission_id": s.permission.id}),
    ("role_sets.create", lambda s: {
        "name": "Walk", "key": "role_set:walk", "default_role_key": "org:member", "creator_role_key": "org:admin",
        "roles": ["org:admin", "org:member"]}, keep("role_set")),
    ("role_sets.list", lambda s: {"limit": 5}),
    ("role_sets.get", lambda s: {"role_set_key_or_id": s.role_set.key}),
    ("role_sets.update", lambda s: {"role_set_key_or_id": s.role_set.key, "name": "Walked"}),
    ("role_sets.add_roles", lambda s: {"role_set_key_or_id": s.role_set.key, "role_keys": ["org:analyst"]}),
    ("role_sets.replace_role", lambda s: {
        "role_set_key_or_id": s.role_set.key, "role_key": "org:analyst", "to_role_key": "org:member"}),
    ("role_sets.replace", lambda s: {"role_set_key_or_id": s.role_set.key, "dest_role_set_key": "role_set:default"}),

    ("organizations.create", lambda s: {
        "name": "Walk Inc", "slug": "walk-inc", "created_by": s.user.id, "max_allowed_memberships": 20}, keep("org")),
    ("organizations.get", lambda s: {"organization_id": s.org.slug, "include_members_count": True}),
    ("organizations.list", lambda s: {"query": "Walk", "include_members_count": True}),
    ("organizations.update", lambda s: {"organization_id": s.org.id, "name": "Walk Ltd"}),
    ("organizations.upload_logo", lambda s: {"organization_id": s.org.id, "file": PNG, "uploader_user_id": s.user.id}),
    ("organizations.delete_logo", lambda s: {"organization_id": s.org.id}),
    ("organizations.merge_metadata", lambda s: {"organization_id": s.org.id, "private_metadata": {"a": 1}}),
    ("organizations.replace_metadata", lambda s: {"organization_id": s.org.id, "public_metadata": {"b": 2}}),
    ("organization_memberships.create", lambda s: {
        "organization_id": s.org.id, "user_id": s.users()[0]["id"], "role": "org:member"}),
    ("organization_memberships.list", lambda s: {"organization_id": s.org.id}),
    ("organization_memberships.update", lambda s: {
        "organization_id": s.org.id, "user_id": s.users()[0]["id"], "role": "org:admin"}),
    ("organization_memberships.update_metadata", lambda s: {
        "organization_id": s.org.id, "user_id": s.users()[0]["id"], "public_metadata": {"desk": 4}}),
    ("organization_memberships.delete", lambda s: {"organization_id": s.org.id, "user_id": s.users()[0]["id"]}),
    ("users.get_instance_organization_memberships", lambda s: {"limit": 5}),
    ("users.get_organization_memberships", lambda s: {"user_id": s.user.id}),
    ("users.get_organization_invitations", lambda s: {"user_id": s.user.id}),
    ("organization_invitations.create", lambda s: {
        "organization_id": s.org.id, "email_address": "guest@example.com", "role": "org:member",
        "inviter_user_id": s.user.id}, keep("org_invitation")),
    ("organization_invitations.bulk_create", lambda s: {"organization_id": s.org.id, "request_body": [
        {"email_address": "guest2@example.com", "role": "org:member", "inviter_user_id": s.user.id}]}),
    ("organization_invitations.get", lambda s: {"organization_id": s.org.id, "invitation_id": s.org_invitation.id}),
    ("organization_invitations.list", lambda s: {"organization_id": s.org.id}),
    ("organization_invitations.list_pending", lambda s: {"organization_id": s.org.id}),
    ("organization_invitations.get_all", lambda s: {"limit": 5}),
    ("organization_invitations.revoke", lambda s: {
        "organization_id": s.org.id, "invitation_id": s.org_invitation.id, "requesting_user_id": s.user.id}),
    ("organization_domains.create", lambda s: {
        "organization_id": s.org.id, "name": "walk.example", "enrollment_mode": "manual_invitation"}, keep("org_domain")),
    ("organization_domains.list", lambda s: {"organization_id": s.org.id}),
    ("organization_domains.list_all", lambda s: {"limit": 5}),
    ("organization_domains.update", lambda s: {
        "organization_id": s.org.id, "domain_id": s.org_domain.id, "enrollment_mode": "automatic_invitation"}),
    ("organization_domains.verify_ownership", lambda s: {"organization_id": s.org.id, "domain_id": s.org_domain.id}),
    ("organization_domains.delete", lambda s: {"organization_id": s.org.id, "domain_id": s.org_domain.id}),

    ("jwt_templates.create", lambda s: {"name": "walk", "claims": {"who": "{{user.id}}"}}, keep("template")),
    ("jwt_templates.list", lambda s: {}),
    ("jwt_templates.get", lambda s: {"template_id": s.template.id}),
    ("jwt_templates.update", lambda s: {"template_id": s.template.id, "name": "walk", "claims": {"who": "{{user.id}}"}}),
    ("sessions.create", lambda s: {"user_id": s.user.id}, keep("session")),
    ("sessions.get", lambda s: {"session_id": s.session.id}),
    ("sessions.list", lambda s: {"user_id": s.user.id}),
    ("sessions.create_token", lambda s: {"session_id": s.session.id}, keep("token")),
    ("sessions.create_token_from_template", lambda s: {"session_id": s.session.id, "template_name": "walk"}),
    ("sessions.verify", lambda s: {"session_id": s.session.id, "token": s.token.jwt}),
    ("sessions.refresh", lambda s: {
        "session_id": s.session.id, "expired_token": s.token_of(s.session.id),
        "refresh_token": f"sandbox_refresh_token_{s.session.id}", "request_origin": "http://localhost:3000",
        "request_headers": {}}),
    ("clients.get", lambda s: {"client_id": s.session.client_id}),
    ("clients.list", lambda s: {}),
    ("clients.verify", lambda s: {"token": s.token.jwt}),
    ("sessions.revoke", lambda s: {"session_id": s.session.id}),
    ("jwt_templates.delete", lambda s: {"template_id": s.template.id}),
    ("jwks.get_jwks", lambda s: {}),
    ("miscellaneous.get_public_interstitial", lambda s: {}),
    ("sign_in_tokens.create", lambda s: {"user_id": s.user.id, "expires_in_seconds": 600}, keep("ticket")),
    ("sign_in_tokens.revoke", lambda s: {"sign_in_token_id": s.ticket.id}),
    ("actor_tokens.create", lambda s: {
        "user_id": s.user.id, "actor": {"sub": s.users()[0]["id"]}, "expires_in_seconds": 600}, keep("actor")),
    ("actor_tokens.revoke", lambda s: {"actor_token_id": s.actor.id}),
    ("agent_tasks.create", lambda s: {
        "on_behalf_of": {"user_id": s.user.id}, "permissions": "*", "agent_name": "walker",
        "task_description": "Walk through", "redirect_url": "http://localhost:3000/"}, keep("task")),
    ("agent_tasks.revoke", lambda s: {"agent_task_id": s.task.agent_task_id}),
    ("testing_tokens.create", lambda s: {}),
    ("sign_ups.get", lambda s: {"id": s.sign_up()}),
    ("sign_ups.update", lambda s: {"id": s.sign_up(), "external_id": "walked", "custom_action": True}),
    ("invitations.create", lambda s: {"email_address": "invited@example.com"}, keep("invitation")),
    ("invitations.bulk_create", lambda s: {"request": [{"email_address": "invited2@example.com"}]}),
    ("invitations.list", lambda s: {"status": "pending"}),
    ("invitations.revoke", lambda s: {"invitation_id": s.invitation.id}),

    ("allowlist_identifiers.create", lambda s: {"identifier": "*@allowed.example", "notify": False}, keep("allowed")),
    ("allowlist_identifiers.list", lambda s: {}),
    ("allowlist_identifiers.delete", lambda s: {"identifier_id": s.allowed.id}),
    ("blocklist_identifiers.create", lambda s: {"identifier": "*@blocked.example"}, keep("blocked")),
    ("blocklist_identifiers.list", lambda s: {}),
    ("blocklist_identifiers.delete", lambda s: {"identifier_id": s.blocked.id}),
    ("instance_settings.get", lambda s: {}),
    ("instance_settings.update", lambda s: {"support_email": "help@example.com"}),
    ("instance_settings.update_restrictions", lambda s: {"block_disposable_email_domains": True}),
    ("instance_settings.get_organization_settings", lambda s: {}),
    ("instance_settings.update_organization_settings", lambda s: {"max_allowed_memberships": 50}),
    ("instance_settings.get_communication", lambda s: {}),
    ("instance_settings.update_communication", lambda s: {"blocked_country_codes": ["AQ"]}),
    ("instance_settings.get_instance_protect", lambda s: {}),
    ("instance_settings.update_instance_protect", lambda s: {"rules_enabled": True}),
    ("instance_settings.get_o_auth_application_settings", lambda s: {}),
    ("instance_settings.update_o_auth_application_settings", lambda s: {"dynamic_oauth_client_registration": True}),
    ("instance_settings.change_domain", lambda s: {"home_url": "https://walk.example"}),
    ("beta_features.update_instance_settings", lambda s: {"restricted_to_allowlist": False}),
    ("beta_features.update_production_instance_domain", lambda s: {"home_url": "https://walk.example"}),
    ("domains.add", lambda s: {"name": "satellite.example", "is_satellite": True}, keep("domain")),
    ("domains.list", lambda s: {}),
    ("domains.update", lambda s: {"domain_id": s.domain.id, "name": "satellite2.example"}),
    ("proxy_checks.verify", lambda s: {"domain_id": s.domain.id, "proxy_url": "https://satellite2.example/__clerk"}),
    ("domains.delete", lambda s: {"domain_id": s.domain.id}),
    ("redirect_urls.create", lambda s: {"url": "myapp://callback"}, keep("redirect")),
    ("redirect_urls.list", lambda s: {}),
    ("redirect_urls.get", lambda s: {"id": s.redirect.id}),
    ("redirect_urls.delete", lambda s: {"id": s.redirect.id}),
    ("webhooks.create_svix_app", lambda s: {}),
    ("webhooks.generate_svix_auth_url", lambda s: {}),
    ("webhooks.delete_svix_app", lambda s: {}),
    ("waitlist_entries.create", lambda s: {"email_address": "waiting@example.com"}, keep("entry")),
    ("waitlist_entries.bulk_create", lambda s: {"request": [{"email_address": "waiting2@example.com"}]}),
    ("waitlist_entries.list", lambda s: {}),
    ("waitlist_entries.invite", lambda s: {"waitlist_entry_id": s.entry.id}),
    ("waitlist_entries.reject", lambda s: {
        "waitlist_entry_id": s.call("POST", "/v1/waitlist_entries", {"email_address": "waiting3@example.com"})["id"]}),
    ("waitlist_entries.delete", lambda s: {
        "waitlist_entry_id": s.call("POST", "/v1/waitlist_entries", {"email_address": "waiting4@example.com"})["id"]}),
    ("email_sms_templates.list", lambda s: {"template_type": "email"}),
    ("email_sms_templates.get", lambda s: TEMPLATE),
    ("email_and_sms_templates.upsert", lambda s: {
        **TEMPLATE, "name": "Verification code", "subject": "Your code", "markup": "", "body": BODY}),
    ("templates.preview", lambda s: {**TEMPLATE, "subject": "Your code", "body": BODY}),
    ("email_sms_templates.toggle_template_delivery", lambda s: {**TEMPLATE, "delivered_by_clerk": True}),
    ("email_sms_templates.revert", lambda s: TEMPLATE),

    ("machines.create", lambda s: {"name": "walker", "default_token_ttl": 3600}, keep("machine")),
    ("machines.get", lambda s: {"machine_id": s.machine.id}),
    ("machines.list", lambda s: {}),
    ("machines.update", lambda s: {"machine_id": s.machine.id, "name": "walked"}),
    ("machines.get_secret_key", lambda s: {"machine_id": s.machine.id}, keep("machine_key")),
    ("machines.create_scope", lambda s: {
        "machine_id": s.machine.id,
        "to_machine_id": s.call("POST", "/v1/machines", {"name": "other"})["id"]}, keep("scope")),
    ("m2m.create_token", lambda s: {"seconds_until_expiration": 600, "claims": {"job": "walk"}}, keep("m2m")),
    ("m2m.list_tokens", lambda s: {"subject": s.machine.id}),
    ("m2m.verify_token", lambda s: {"token": s.m2m.token}),
    ("m2m.revoke_token", lambda s: {"m2m_token_id": s.m2m.id, "revocation_reason": "done"}),
    ("machines.delete_scope", lambda s: {"machine_id": s.machine.id, "other_machine_id": s.scope.to_machine_id}),
    ("machines.rotate_secret_key", lambda s: {"machine_id": s.machine.id, "previous_token_ttl": 0}),
    ("machines.delete", lambda s: {"machine_id": s.machine.id}),
    ("api_keys.create_api_key", lambda s: {
        "name": "walk", "subject": s.user.id, "scopes": ["read"], "claims": {"a": 1}}, keep("api_key")),
    ("api_keys.get_api_keys", lambda s: {"subject": s.user.id}),
    ("api_keys.get_api_key", lambda s: {"api_key_id": s.api_key.id}),
    ("api_keys.update_api_key", lambda s: {"api_key_id": s.api_key.id, "description": "walked"}),
    ("api_keys.get_api_key_secret", lambda s: {"api_key_id": s.api_key.id}, keep("api_secret")),
    ("api_keys.verify_api_key", lambda s: {"secret": s.api_secret.secret}),
    ("api_keys.revoke_api_key", lambda s: {"api_key_id": s.api_key.id, "revocation_reason": "done"}),
    ("api_keys.delete_api_key", lambda s: {"api_key_id": s.api_key.id}),
    ("oauth_applications.create", lambda s: {
        "name": "Walk app", "redirect_uris": ["https://walk.example/callback"], "scopes": "profile email"}, keep("app")),
    ("oauth_applications.list", lambda s: {}),
    ("oauth_applications.get", lambda s: {"oauth_application_id": s.app.id}),
    ("oauth_applications.update", lambda s: {"oauth_application_id": s.app.id, "name": "Walked app"}),
    ("oauth_applications.upload_logo", lambda s: {"oauth_application_id": s.app.id, "file": PNG}),
    ("oauth_access_tokens.verify", lambda s: {"access_token": s.oauth_token()}),
    ("oauth_applications.revoke_token", lambda s: {"oauth_application_id": s.app.id, "token": s.oauth_token()}),
    ("oauth_applications.rotate_secret", lambda s: {"oauth_application_id": s.app.id}),
    ("oauth_applications.delete", lambda s: {"oauth_application_id": s.app.id}),
    ("saml_connections.create", lambda s: {
        **SAML, "name": "Acme SSO", "provider": "saml_custom", "domain": "saml.example"}, keep("saml")),
    ("saml_connections.list", lambda s: {}),
    ("saml_connections.get", lambda s: {"saml_connection_id": s.saml.id}),
    ("saml_connections.update", lambda s: {"saml_connection_id": s.saml.id, "sync_user_attributes": True}),
    ("saml_connections.delete", lambda s: {"saml_connection_id": s.saml.id}),
    ("enterprise_connections.create", lambda s: {
        "name": "Acme SSO", "provider": "saml_custom", "domains": ["enterprise.example"], "saml": SAML}, keep("enterprise")),
    ("enterprise_connections.list", lambda s: {}),
    ("enterprise_connections.get", lambda s: {"enterprise_connection_id": s.enterprise.id}),
    ("enterprise_connections.update", lambda s: {"enterprise_connection_id": s.enterprise.id, "name": "Walked SSO"}),
    ("enterprise_connections.create_test_run", lambda s: {"enterprise_connection_id": s.enterprise.id}),
    ("enterprise_connections.list_test_runs", lambda s: {"enterprise_connection_id": s.enterprise.id}),
    ("scim_directories.create", lambda s: {
        "name": "Acme SCIM", "provider": "okta", "enterprise_connection_id": s.enterprise.id}, keep("directory")),
    ("scim_directories.list", lambda s: {}),
    ("scim_directories.get", lambda s: {"scim_directory_id": s.directory.id}),
    ("scim_directories.update", lambda s: {
        "scim_directory_id": s.directory.id, "name": "Walked SCIM", "group_role_mapping_enabled": True}),
    ("scim_directories.rotate_api_key", lambda s: {"scim_directory_id": s.directory.id}),
    ("scim_directories.create_group_role_mapping", lambda s: {
        "scim_directory_id": s.directory.id, "scim_group_id": "group_1", "role_id": s.role.id}, keep("mapping")),
    ("scim_directories.list_group_role_mappings", lambda s: {"scim_directory_id": s.directory.id}),
    ("scim_directories.delete_group_role_mapping", lambda s: {
        "scim_directory_id": s.directory.id, "mapping_id": s.mapping.id}),
    ("scim_directories.replace_group_role_mappings", lambda s: {"scim_directory_id": s.directory.id, "mappings": []}),
    ("scim_directories.delete", lambda s: {"scim_directory_id": s.directory.id}),
    ("enterprise_connections.delete", lambda s: {"enterprise_connection_id": s.enterprise.id}),
    ("admin_portal_link_tokens.create_admin_portal_link_token", lambda s: {
        "organization_id": s.org.id, "it_contact_id": "itc_1"}, keep("link")),
    ("admin_portal_link_tokens.revoke_admin_portal_link_token", lambda s: {"admin_portal_link_token_id": s.link.id}),

    ("billing.list_plans", lambda s: {}),
    ("billing.list_prices", lambda s: {}),
    ("billing.create_price", lambda s: {
        "plan_id": s.call("GET", "/v1/billing/plans")["data"][0]["id"], "amount": 1200}),
    ("billing.list_subscription_items", lambda s: {"limit": 5}),
    ("billing.list_statements", lambda s: {"limit": 5}),
    ("billing.get_statement", lambda s: {"statement_id": s.call("GET", "/v1/billing/statements")["data"][0]["id"]}),
    ("billing.get_statement_payment_attempts", lambda s: {
        "statement_id": s.call("GET", "/v1/billing/statements")["data"][0]["id"]}),
    ("billing.create_price_transition", lambda s: {
        "subscription_item_id": s.item(False), **s.prices()}),
    ("billing.extend_subscription_item_free_trial", lambda s: {
        "subscription_item_id": s.item(True), "extend_to": s.in_days(20)}),
    ("billing.cancel_subscription_item", lambda s: {"subscription_item_id": s.item(False), "end_now": True}),
    ("users.get_billing_subscription", lambda s: {"user_id": s.user.id}),
    ("users.get_billing_credit_balance", lambda s: {"user_id": s.user.id}),
    ("users.adjust_billing_credit_balance", lambda s: {
        "user_id": s.user.id, "amount": 500, "action": "increase", "idempotency_key": "walk-1"}),
    ("organizations.get_billing_subscription", lambda s: {"organization_id": s.org.id}),
    ("organizations.get_billing_credit_balance", lambda s: {"organization_id": s.org.id}),
    ("organizations.adjust_billing_credit_balance", lambda s: {
        "organization_id": s.org.id, "amount": 500, "action": "increase", "idempotency_key": "walk-2"}),
    ("experimental_accountless_applications.create", lambda s: {}),
    ("experimental_accountless_applications.complete", lambda s: {}),

    ("organization_roles.delete", lambda s: {"organization_role_id": s.role.id}),
    ("organization_permissions.delete", lambda s: {"permission_id": s.permission.id}),
    ("organizations.delete", lambda s: {"organization_id": s.org.id}),
    ("users.delete", lambda s: {"user_id": s.user.id}),
]


def methods(client):
    """The names of all methods, without their asynchronous twins."""
    areas = set(getattr(client, "_sub_sdk_map", {}))
    areas |= {name for name, value in vars(client).items() if hasattr(value, "do_request")}
    for area in sorted(areas - {"parent_ref"}):
        for name, _ in inspect.getmembers(type(getattr(client, area)), inspect.isfunction):
            if not name.startswith("_") and not name.endswith("_async") and name != "do_request":
                yield f"{area}.{name}"


def invoke(client, name, arguments):
    area, method = name.split(".")
    bound = getattr(getattr(client, area), method)
    parameters = inspect.signature(bound).parameters
    if "request" in parameters and "request" not in arguments:
        arguments = {"request": arguments}
    # Machines sign in with their own key.
    headers = {}
    if area == "m2m":
        state = client.state
        # The machine calls the other one, which verifies that.
        other = state.call("GET", f"/v1/machines/{state.scope.to_machine_id}/secret_key")
        key = other["secret"] if method == "verify_token" else state.machine_key.secret
        headers = {"http_headers": {"Authorization": f"Bearer {key}"}}
    return bound(**arguments, **headers)


def reason(error):
    body = getattr(error, "body", None) or str(error)
    return re.sub(r"\s+", " ", str(body))[:220]


def start(binary):
    process = subprocess.Popen([binary, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    return process, re.search(r"http://[0-9.:]+", line).group()


def walk(url):
    client = Clerk(bearer_auth=KEY, server_url=f"{url}/v1", retry_config=None)
    state = State(url)
    client.state = state
    results = {}
    plan = {"users.create": None, **{name: step for name, *step in PLAN}}
    present = list(methods(client))
    for name in [name for name in plan if name in present]:
        try:
            if name == "users.create":
                user(client, state)
                results[name] = None
                continue
            arguments, *keepers = plan[name]
            result = invoke(client, name, arguments(state))
            for keeper in keepers:
                keeper(result, state)
            results[name] = None
        except Exception as error:  # pylint: disable=broad-except
            results[name] = reason(error)
    results.update({name: "not in the plan" for name in present if name not in plan})
    try:
        results.update(authenticate(url, state.call))
    except Exception as error:  # pylint: disable=broad-except
        results["authenticate_request"] = reason(error)
    return results


def report(results):
    failed = {name: why for name, why in results.items() if why and name not in FAULTS}
    known = [name for name, why in results.items() if why and name in FAULTS]
    fixed = [name for name in FAULTS if name in results and not results[name]]
    passed = len(results) - len(failed) - len(known)
    suffix = f", {len(known)} by faults of the SDK" if known else ""
    print(f"clerk-backend-api {VERSION}: {passed} of {len(results)} passed{suffix}")
    for name, why in failed.items():
        print(f"    failed  {name}: {why}")
    for name in known:
        print(f"    fault   {name}: {FAULTS[name]}")
    for name in fixed:
        print(f"    passes  {name}, although it is listed as a fault")
    return not failed and not fixed


if __name__ == "__main__":
    sandbox, address = start(sys.argv[1])
    try:
        sys.exit(0 if report(walk(address)) else 1)
    finally:
        sandbox.terminate()
