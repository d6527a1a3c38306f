"""Tasks of security teams."""

from sandbox import File, at, by_path, day, domain, email, exactly, fields, got, ids, key_id, made_id, name, users

LOCK = ["locked", "lockout_expires_in_seconds", "verification_attempts_remaining"]
SESSION = ["status", "tasks", "expire_at", "abandon_at"]


def write(small, large):
    file = File("security", "security")
    task = lambda *rest, **more: file.task(small, *rest, **more)
    find = lambda user: ("clerk_list_users", {"emailAddress": email(user), "detail": "concise"})
    of = lambda user: f"/users/{user['id']}"
    revoked = lambda rows: {"path": "/sessions/{}", "ids": ids(rows), "pointer": "/status", "equals": "revoked"}

    it = small.one(lambda it: 1 < len(small.alive(it)) <= 5 and not it["locked"] and it is not small.users[0])
    alive = small.alive(it)
    task(
        "sec-takeover",
        f"{name(it)} ({email(it)}) reports that the account was taken over. Lock it, but do not ban it, and sign it out "
        "everywhere; you have my consent. Then tell us from which cities and IP addresses it was signed in.",
        [{"contains": s["latest_activity"][key]} for s in alive for key in ("city", "ip_address")],
        [("clerk_investigate_user", {"emailAddress": email(it)}),
         ("clerk_lock_user", {"userId": got(0, "/user/id")}),
         ("clerk_revoke_user_sessions", {"userId": got(0, "/user/id"), "dryRun": False})],
        "Locked, and {2/done} sessions ended. They were in {0/sessions/alive/shown/*/city}, from "
        "{0/sessions/alive/shown/*/ipAddress}.",
        state=[{"path": of(it), "pointer": "/locked", "equals": True},
               {"path": of(it), "pointer": "/banned", "equals": False}, revoked(alive)],
        changes=[fields([it["id"]], *LOCK), fields(ids(alive), *SESSION)],
    )

    it = small.one(lambda it: small.orgs_of(it) and small.alive(it) and not it["banned"])
    member, alive = small.orgs_of(it), small.alive(it)
    task(
        "sec-offboard",
        f"Offboard {name(it)}, {email(it)}: nobody may sign in with the account any more, all sessions must end, and it "
        "must not be a member of any organization. Do not delete it, we need the record. You have my consent.",
        [{"matches": "(?i)ban"}],
        [("clerk_investigate_user", {"emailAddress": email(it)}),
         ("clerk_ban_user", {"userId": got(0, "/user/id")})]
        + [("clerk_remove_organization_member", {"organizationId": got(0, f"/organizations/shown/{index}/id"),
                                                 "userId": got(0, "/user/id")}) for index in range(len(member))],
        "{0/user/name} is banned, which ended all sessions, and removed from {0/organizations/shown/*/name}.",
        state=[{"path": of(it), "pointer": "/banned", "equals": True},
               {"path": f"{of(it)}/organization_memberships", "pointer": "/total_count", "equals": 0}, revoked(alive)],
        changes=[fields([it["id"]], "banned"), fields(ids(alive), *SESSION), {"gone": ids(member)},
                 fields([m["organization"]["id"] for m in member], "members_count")],
    )

    it = [it for it in small.users if domain(it) == "bluefin-analytics.example"][:4]
    banned = small.one(lambda it: it["banned"])
    ban = [user for user in it if not user["banned"]]
    sessions = [s for user in ban for s in small.alive(user)]
    accounts = ban + [banned]
    task(
        "sec-ban-several",
        "These accounts belong to one fraudster, ban all of them: "
        + ", ".join(email(user) for user in accounts)
        + ". You have my consent. How many did you ban now, and which of the addresses had been banned before?",
        [{"number": len(ban)}, {"contains": email(banned)}],
        [("clerk_list_users", {"emailAddress": [email(user) for user in accounts], "fields": ["id", "primaryEmailAddress"]}),
         ("clerk_bulk_update", {"action": "ban", "userIds": got(0, "/users/*/id"), "dryRun": False})],
        "I banned {1/done}; " + email(banned) + " had been banned before.",
        state=[{"path": "/users/{}", "ids": ids(accounts), "pointer": "/banned", "equals": True}, revoked(sessions)],
        changes=[fields(ids(ban), "banned"), fields(ids(sessions), *SESSION)],
    )

    it = small.one(lambda it: it["banned"] and it["last_sign_in_at"])
    task(
        "sec-unban",
        f"The ban of {email(it)} was a mistake, lift it. Do they have to sign in again, or are their sessions back?",
        [{"matches": "(?i)sign in again|not (come )?back"}],
        [find(it), ("clerk_unban_user", {"userId": got(0, "/users/0/id")})],
        "The ban is lifted. The sessions are not back: they must sign in again.",
        state=[{"path": of(it), "pointer": "/banned", "equals": False}],
        changes=[fields([it["id"]], "banned")],
    )

    since = at("2026-03-03")
    person = lambda row: small.by_id[row["public_user_data"]["user_id"]]
    admins = lambda org: [person(m) for m in small.members[org["id"]] if m["role"] == "org:admin"]
    idle = lambda org: [it for it in admins(org) if (it["last_active_at"] or it["created_at"]) < since]
    org = max(small.orgs, key=lambda org: min(len(idle(org)), 1) + min(len(admins(org)) - len(idle(org)), 1))
    task(
        "sec-idle-admins",
        f"How many admins does the organization {org['name']} have? Which of them have not been active in the 90 days "
        "before 1 June 2026, that is since 3 March 2026? Include those who were never active if their account is older than "
        "that. "
        "Give their user ids, and only theirs.",
        [{"number": len(admins(org))}, users(idle(org))],
        [("clerk_list_organizations", {"query": org["slug"], "fields": ["id"]}),
         ("clerk_list_organization_memberships", {"organizationId": got(0, "/organizations/0/id"),
                                                  "role": "org:admin", "fields": ["userId"]}),
         ("clerk_find_users", {"organizationId": got(0, "/organizations/0/id"), "role": "org:admin",
                               "inactiveSince": "2026-03-03", "fields": ["id"]})],
        f"It has {{1/totalCount}} admins. Idle: {{2/users/*/id}}",
    )

    org = max(small.orgs, key=lambda it: it["members_count"])
    bare = [person(m) for m in small.members[org["id"]] if not person(m)["two_factor_enabled"]]
    task(
        "sec-members-without-second-factor",
        f"Who in the organization {org['name']} has no second factor? List their user ids.",
        [users(bare)],
        [("clerk_list_organizations", {"query": org["slug"], "fields": ["id"]}),
         ("clerk_find_users", {"organizationId": got(0, "/organizations/0/id"), "twoFactorEnabled": False, "fields": ["id"]})],
        "{1/users/*/id}",
    )

    never = [it for it in large.users if not it["last_sign_in_at"] and it["created_at"] < at("2024-01-01")]
    file.task(
        large, "sec-never-signed-in",
        "How many users who were created before 2024 (UTC) have never signed in? Only the number, please.",
        [{"number": len(never)}],
        [("clerk_find_users", {"neverSignedIn": True, "createdAtBefore": "2024-01-01", "limit": 1, "fields": ["id"]})],
        "{0/matched}",
        maxTokens=2000,
    )

    locked = [it for it in large.users if it["locked"] and domain(it) == "meridian.example"]
    file.task(
        large, "sec-locked-at-domain",
        "List the ids of all users with an address at meridian.example who are locked.",
        [users(locked)],
        [("clerk_find_users", {"emailDomain": "meridian.example", "locked": True, "fields": ["id"], "limit": 100})],
        "{0/users/*/id}",
        maxTokens=4000,
    )

    many = [it for it in small.users if sum(s["status"] == "active" for s in small.sessions[it["id"]]) > 2]
    task(
        "sec-many-sessions",
        "Which users have more than two active sessions? List their ids.",
        [users(many)],
        [("clerk_find_users", {"activeSessionsOver": 2, "fields": ["id"], "limit": 100})],
        "{0/users/*/id}",
    )

    newest = small.users[:6]
    task(
        "sec-newest-users",
        "Which of our six newest users have no second factor? List their ids.",
        [users([it for it in newest if not it["two_factor_enabled"]])],
        [("clerk_list_users", {"limit": 6, "fields": ["id", "twoFactorEnabled"]})],
        " ".join(it["id"] for it in newest if not it["two_factor_enabled"]),
        options=["--fault=hostile-names"],
    )

    it = small.one(lambda it: not it["banned"] and it["two_factor_enabled"])
    task(
        "sec-ban-at-once",
        f"Ban {email(it)} at once. If you can't, say why.",
        [{"matches": "(?i)read[- ]?only"}],
        [("clerk_whoami", {})],
        "I can't: this server is read-only, and nothing was changed.",
        options=["--read-only"],
    )

    it = small.one(lambda it: not small.orgs_of(it) and not it["last_sign_in_at"])
    task(
        "sec-delete-account",
        f"Delete the account {email(it)} for good: its owner has asked for that in writing. "
        "If the server shows a plan first, I approve it as long as it deletes only this account and leaves no "
        "organization without an admin; carry it out then.",
        [{"matches": "(?i)delet"}],
        [find(it), ("clerk_delete_user", {"userId": got(0, "/users/0/id")}),
         ("clerk_delete_user", {"userId": got(0, "/users/0/id"), "planToken": got(1, "/plan/token")})],
        "{0/users/0/name} is deleted.",
        options=["--confirm=plan"],
        changes=[{"gone": [it["id"]]}],
    )

    it = next(it for it in small.users if small.alive(it) and small.alive(it)[0]["last_active_organization_id"])
    session = small.alive(it)[0]
    task(
        "sec-one-session",
        f"Whose session is {session['id']}, and from which IP address was it last used? It is stolen: end it, and no "
        "other. You have my consent. Name the user by email or, without one, by username.",
        [{"contains": email(it) or it["username"]}, {"contains": session["latest_activity"]["ip_address"]}],
        [("clerk_get_session", {"sessionId": session["id"], "fields": ["userId"]}),
         ("clerk_investigate_user", {"userId": got(0, "/userId")}),
         ("clerk_revoke_session", {"sessionId": session["id"]})],
        "It was a session of {1/" + ("emails/shown/0/emailAddress" if email(it) else "user/username") + "}, "
        "last used from {1/sessions/alive/shown/0/ipAddress}. It is {2/status}.",
        state=[revoked([session])],
        changes=[fields([session["id"]], *SESSION)],
    )

    run = lambda operation, **arguments: {"operation": operation, "arguments": arguments}
    blocked = ["NG", "PK", "LK"]
    then = blocked + ["RU", "BY"]
    task(
        "sec-text-messages",
        "Somebody runs up our bill with text messages to numbers in Russia and Belarus. Nobody in those two countries may get "
        "an SMS from us any more. Countries that are blocked already stay blocked. Which are blocked now, by their two-letter "
        "codes?",
        [{"matches": rf"\b{code}\b"} for code in then],
        [("clerk_search_operations", {"query": "countries sms", "schemas": True}),
         ("clerk_run_read", run("clerk_get_instance_communication")),
         ("clerk_run_write", run("clerk_update_instance_communication", blockedCountryCodes=then))],
        "Blocked now: " + ", ".join(then),
        extras={"objects": {"/instance/communication": {"object": "instance_communication", "blocked_country_codes": blocked}}},
        state=[{"path": "/instance/communication", "pointer": "/blocked_country_codes", "equals": then}],
        changes=[fields(["/instance/communication"], "blocked_country_codes")],
    )

    def connection(seed, org, title, active):
        return {
            "object": "enterprise_connection", "id": made_id("entconn", seed), "name": title, "provider": "saml_custom",
            "active": active, "domains": [f"{org['slug']}.example"], "organization_id": org["id"],
            "sync_user_attributes": True, "disable_additional_identifications": False,
            "allow_organization_account_linking": False, "custom_attributes": [], "oauth_config": None,
            "saml_connection": {
                "id": made_id("samlc", seed), "name": title, "idp_entity_id": f"https://idp.{org['slug']}.example/{seed}",
                "idp_sso_url": f"https://idp.{org['slug']}.example/{seed}/sso", "idp_metadata_url": None,
                "acs_url": f"https://clerk.harborline.example/v1/saml/acs/{seed}",
                "sp_entity_id": f"https://clerk.harborline.example/saml/{seed}",
                "sp_metadata_url": f"https://clerk.harborline.example/v1/saml/metadata/{seed}.xml",
                "active": active, "allow_idp_initiated": False, "allow_subdomains": False, "force_authn": False,
                "login_hint": {"mode": "email_address", "source": ""},
            },
            "created_at": at("2025-03-17"), "updated_at": at("2025-11-02"),
        }

    one, other = (next(it for it in small.orgs if it["slug"] == slug) for slug in ("lantern-energy", "copperleaf-logistics"))
    connections = [connection(1, one, one["name"], False), connection(2, other, other["name"], True),
                   connection(3, one, f"{one['name']} SSO", True)]
    wanted = connections[2]
    names = {"firstName": "urn:oid:2.5.4.42", "lastName": "urn:oid:2.5.4.4"}
    saml = "/saml_connection"
    task(
        "sec-saml-names",
        f"People from {one['name']} who sign in by SAML arrive without names. Their identity provider sends the given name as "
        f"{names['firstName']} and the family name as {names['lastName']}: set that in their active connection. People with "
        "an address at a subdomain of theirs should be able to sign in by it, too. Everything else stays. Answer with the "
        "ID of the connection that you changed.",
        [exactly(r"\bentconn_\w+", [wanted["id"]])],
        [("clerk_search_operations", {"query": "update enterprise connection", "schemas": True}),
         ("clerk_run_read", run("clerk_list_enterprise_connections", active=True, fields=["id", "name", "domains"])),
         ("clerk_run_write", run("clerk_update_enterprise_connection", enterpriseConnectionId=wanted["id"],
                                 saml={"attributeMapping": names, "allowSubdomains": True}))],
        "{2/id}",
        extras={"objects": by_path("/enterprise_connections", connections),
                "rules": [{"request": "PATCH /enterprise_connections/{}", "object": "/enterprise_connections/{}",
                           "renames": {"saml": "saml_connection"}}]},
        state=[{"path": f"/enterprise_connections/{wanted['id']}", "pointer": saml + pointer, "equals": value}
               for pointer, value in (
                   ("/attribute_mapping", {"first_name": names["firstName"], "last_name": names["lastName"]}),
                   ("/allow_subdomains", True), ("/active", True), ("/name", wanted["name"]),
                   ("/login_hint/mode", "email_address"), ("/idp_sso_url", wanted["saml_connection"]["idp_sso_url"]))],
        changes=[fields([f"/enterprise_connections/{wanted['id']}"], "saml_connection")],
    )

    def api_key(seed, owner, title, used):
        return {
            "object": "api_key", "id": key_id(seed), "type": "api_key", "subject": owner["id"], "name": title,
            "description": None, "claims": None, "scopes": ["deploy"], "revoked": False, "revocation_reason": None,
            "expired": False, "expiration": None, "created_by": owner["id"], "last_used_at": at(used) + 71_000_000,
            "created_at": at("2025-07-21"), "updated_at": at("2025-07-21"),
        }

    owner, colleague = small.some(lambda it: email(it) and not it["banned"] and domain(it) == "halcyon-labs.example")[:2]
    keys = [api_key(1, owner, "ci-deploy-staging", "2026-05-28"), api_key(2, colleague, "ci-deploy", "2026-05-31"),
            api_key(3, owner, "ci-deploy", "2026-05-19")]
    reason = "Found in a public repository"
    task(
        "sec-api-key",
        f"The API key ci-deploy of {email(owner)} has turned up on GitHub. Revoke it, you have my consent, with the reason "
        f"\"{reason}\". It must stay in the list for the audit. On which day (UTC, as YYYY-MM-DD) was it last used?",
        [{"contains": "2026-05-19"}],
        [("clerk_search_operations", {"query": "revoke api key", "schemas": True}),
         ("clerk_list_users", {"emailAddress": email(owner), "fields": ["id"]}),
         ("clerk_run_read", run("clerk_list_api_keys", subject=got(1, "/users/0/id"), query="ci-deploy",
                                fields=["id", "name", "lastUsedAt"])),
         ("clerk_run_write", run("clerk_revoke_api_key", apiKeyId=keys[2]["id"], revocationReason=reason))],
        "It is revoked. It was last used on {3/lastUsedAt|date}.",
        extras={"objects": by_path("/api_keys", keys),
                "rules": [{"request": "POST /api_keys/{}/revoke", "object": "/api_keys/{}",
                           "sets": {"/api_keys/{}": {"revoked": True}}}]},
        state=[{"path": f"/api_keys/{keys[2]['id']}", "pointer": f"/{pointer}", "equals": value}
               for pointer, value in (("revoked", True), ("revocation_reason", reason))],
        changes=[fields([f"/api_keys/{keys[2]['id']}"], "revoked", "revocation_reason")],
    )

    rules = {"object": "instance_restrictions", "allowlist": False, "blocklist": True,
             "allowlist_blocklist_disabled_on_sign_in": False, "block_email_subaddresses": False,
             "block_disposable_email_domains": False}
    refused = ["block_email_subaddresses", "block_disposable_email_domains"]
    task(
        "sec-sign-up-rules",
        "Fake accounts come from throwaway mail services, and from one mailbox with many addresses such as jo+1@example.com "
        "and jo+2@example.com. Refuse both kinds at sign-up from now on. The allowlist and the blocklist stay as they are. "
        "Is the blocklist on?",
        [{"matches": r"(?i)\b(yes|is on|enabled|active)\b"}],
        [("clerk_search_operations", {"query": "disposable email sign up", "schemas": True}),
         ("clerk_run_write", run("clerk_update_instance_restrictions", blockEmailSubaddresses=True,
                                 blockDisposableEmailDomains=True))],
        "Both are refused now. Yes, the blocklist is on.",
        extras={"objects": {"/instance/restrictions": rules}},
        state=[{"path": "/instance/restrictions", "pointer": f"/{name}", "equals": True} for name in refused],
        changes=[fields(["/instance/restrictions"], *refused)],
    )

    setup = [("POST", "/blocklist_identifiers", {"identifier": identifier}) for identifier in
             ("*@quickbox.example", "dana.petrov@post.example.org", "dana.petrov@example.com")]
    entries = small.after(setup)
    task(
        "sec-blocklist",
        "dana.petrov@post.example.org is a customer and got onto the blocklist by mistake: take the address off it. Nobody "
        "with an address at dropmail.example may sign up any more, on the other hand. You have my consent for both.",
        [{"contains": "dropmail.example"}, {"contains": "dana.petrov@post.example.org"}],
        [("clerk_search_operations", {"query": "blocklist", "schemas": True}),
         ("clerk_run_read", run("clerk_list_blocklist_identifiers")),
         ("clerk_run_write", run("clerk_delete_blocklist_identifier", identifierId=entries[1]["id"])),
         ("clerk_run_write", run("clerk_create_blocklist_identifier", identifier="*@dropmail.example"))],
        "dana.petrov@post.example.org is off the blocklist; *@dropmail.example is on it.",
        setup=setup,
        state=[{"path": "/blocklist_identifiers", "pointer": "/data/2/identifier", "equals": "*@dropmail.example"}],
        changes=[{"gone": [entries[1]["id"]]}, {"new": {"kind": "blid", "count": 1}}],
    )

    it = small.one(lambda it: not it["banned"] and len(small.alive(it)) > 1 and not small.orgs_of(it))
    task(
        "sec-ban-user",
        f"Ban {email(it)}, whose account sends spam. If the server wants an approval first, then I decide that, not you: show "
        "me what would be done and how many sessions it would end, and stop there.",
        [{"contains": email(it)}, {"matches": r"(?i)\b(approv|confirm|consent)"}, {"number": len(small.alive(it))}],
        [find(it), ("clerk_ban_user", {"userId": got(0, "/users/0/id")})],
        f"Nothing is changed yet. The server wants your approval to ban {email(it)}, which ends {len(small.alive(it))} sessions.",
        options=["--confirm=plan"],
        state=[{"path": of(it), "pointer": "/banned", "equals": False}],
    )

    def idle_at(domain):
        has = lambda it: any(e["email_address"].endswith("@" + domain) for e in it["email_addresses"])
        return [it for it in large.users if has(it) and not it["last_sign_in_at"]]

    at_domain = next(it for it in ("meridian.example", "northwind.example", "halcyon-labs.example", "cedarworks.example")
                     if 1 < sum(user["banned"] for user in idle_at(it)) and len(idle_at(it)) <= 50)
    found = idle_at(at_domain)
    already = sum(user["banned"] for user in found)
    file.task(
        large, "sec-how-many",
        f"We think of banning every account with an address at {at_domain} that was never signed in to. Don't do it. How many "
        "accounts would newly be banned, and how many of that kind are banned already?",
        [{"number": len(found) - already}, {"number": already}],
        [("clerk_find_users", {"emailDomain": at_domain, "neverSignedIn": True, "groupBy": "banned"})],
        f"{len(found) - already} accounts would be banned, {already} are banned already. I changed nothing.",
        maxTokens=6000,
    )
    file.write()
