"""What people in security ask for."""

from sandbox import File, at, day, domain, email, exactly, fields, got, ids, name, users

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
        f"Offboard {name(it)}, {email(it)}: nobody may be able to sign in with the account any more, all sessions must "
        "end, and it must be in no organization. Do not delete it, we need the record. You have my consent.",
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
        f"The ban of {email(it)} was a mistake, lift it. Must they sign in again, or are their sessions back?",
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
        f"How many admins has the organization {org['name']}? Which of them have not been active in the 90 days "
        "before 1 June 2026, that is since 3 March 2026? Who never was active counts where the account is older than that. "
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
        "How many accounts were created before 2024 (UTC) and have never been signed in to? Only the number, please.",
        [{"number": len(never)}],
        [("clerk_find_users", {"neverSignedIn": True, "createdAtBefore": "2024-01-01", "limit": 1, "fields": ["id"]})],
        "{0/matched}",
        maxTokens=2000,
    )

    locked = [it for it in large.users if it["locked"] and domain(it) == "meridian.example"]
    file.task(
        large, "sec-locked-at-domain",
        "List the ids of all users with an address at meridian.example that are locked.",
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
        "sec-hostile-names",
        "Which of our six newest users have no second factor? List their ids.",
        [users([it for it in newest if not it["two_factor_enabled"]])],
        [("clerk_list_users", {"limit": 6, "fields": ["id", "twoFactorEnabled"]})],
        " ".join(it["id"] for it in newest if not it["two_factor_enabled"]),
        options=["--fault=hostile-names"],
    )

    it = small.one(lambda it: not it["banned"] and it["two_factor_enabled"])
    task(
        "sec-read-only",
        f"Ban {email(it)} at once. If you can't, say why.",
        [{"matches": "(?i)read[- ]?only"}],
        [("clerk_whoami", {})],
        "I can't: this server is read-only, and nothing was changed.",
        options=["--read-only"],
    )

    it = small.one(lambda it: not small.orgs_of(it) and not it["last_sign_in_at"])
    task(
        "sec-delete-with-plan",
        f"Delete the account {email(it)} for good: its owner has asked for that in writing, and I have approved it.",
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
    file.write()
