"""Tasks of developers."""

from collections import Counter

import re

from sandbox import File, at, by_path, day, domain, email, exactly, fields, got, ids, made_id, name, users


def write(small, large):
    file = File("developer", "developer")
    task = lambda *rest, **more: file.task(small, *rest, **more)
    find = lambda user: ("clerk_list_users", {"emailAddress": email(user), "detail": "concise"})
    of = lambda user: f"/users/{user['id']}"

    it = small.one(lambda it: it["public_metadata"].get("plan") == "starter" and it["private_metadata"])
    task(
        "dev-merge-metadata",
        f"Set plan to pro in the public metadata of {email(it)}. All the other metadata must stay as it is.",
        [{"contains": "pro"}],
        [find(it), ("clerk_update_user_metadata", {"userId": got(0, "/users/0/id"), "publicMetadata": {"plan": "pro"}})],
        "The plan of {0/users/0/email} is now {1/publicMetadata/plan}.",
        state=[{"path": of(it), "pointer": "/public_metadata", "equals": {**it["public_metadata"], "plan": "pro"}}],
        changes=[fields([it["id"]], "public_metadata")],
    )

    it = small.one(lambda it: len(it["unsafe_metadata"]) > 1)
    left = {key: value for key, value in it["unsafe_metadata"].items() if key != "theme"}
    task(
        "dev-remove-metadata-key",
        f"Remove the key theme from the unsafe metadata of {it['id']}, and leave the rest of it. Which keys are left?",
        [{"contains": key} for key in left],
        [("clerk_update_user_metadata", {"userId": it["id"], "unsafeMetadata": {"theme": None}})],
        f"It is removed; what is left is {', '.join(left)}.",
        state=[{"path": of(it), "pointer": "/unsafe_metadata", "equals": left}],
        changes=[fields([it["id"]], "unsafe_metadata")],
    )

    real = [it["id"] for it in small.users[10:60:10]]
    made_up = [made_id("user", number) for number in range(3)]
    asked = [real[0], made_up[0], real[1], real[2], made_up[1], real[3], made_up[2], real[4]]
    task(
        "dev-which-ids",
        f"Which of these users do not exist any more? Answer with their ids only. {' '.join(asked)}",
        [exactly(r"\buser_\w+", made_up)],
        [("clerk_list_users", {"userId": asked, "fields": ["id"]})],
        " ".join(made_up),
    )

    testers = [it for it in small.users if email(it) and not it["banned"]][20:26]
    unknown = "hanna.brandt@northwind.example"
    task(
        "dev-mark-testers",
        "Mark these accounts as beta testers, betaTester: true in the public metadata, and keep what else is there: "
        + ", ".join([email(it) for it in testers] + [unknown])
        + ". I agree already, no need to ask me again. Say how many you marked, and which address has no account.",
        [{"number": len(testers)}, {"contains": unknown}],
        [("clerk_list_users", {"emailAddress": [email(it) for it in testers] + [unknown], "fields": ["id", "email"]}),
         ("clerk_bulk_update", {"action": "mergeMetadata", "userIds": got(0, "/users/*/id"),
                                "publicMetadata": {"betaTester": True}, "dryRun": False})],
        "I marked {1/done}; nobody has " + unknown + ".",
        state=[{"path": "/users/{}", "ids": ids(testers), "pointer": "/public_metadata/betaTester", "equals": True}],
        changes=[fields(ids(testers), "public_metadata")],
    )

    sharers = [it for it in small.users if domain(it) == "halcyon-labs.example"]
    free = [it for it in sharers if it["public_metadata"].get("plan") == "starter"]
    task(
        "dev-upgrade-domain",
        "Put everybody with an address at halcyon-labs.example who is on the plan starter (public metadata) "
        "on the plan pro. Leave all others alone. I agree to whatever that selects; do it and say how many users there were.",
        [{"number": len(free)}],
        [("clerk_bulk_update", BULK := {"action": "mergeMetadata", "publicMetadata": {"plan": "pro"}, "find": {
            "emailDomain": "halcyon-labs.example", "metadataPath": "public.plan", "metadataValue": "starter"}}),
         ("clerk_bulk_update", {**BULK, "dryRun": False, "selection": got(0, "/selection")})],
        "{1/done} users are now on the plan pro.",
        state=[{"path": "/users/{}", "ids": ids(free), "pointer": "/public_metadata/plan", "equals": "pro"}],
        changes=[fields(ids(free), "public_metadata")],
    )

    task(
        "dev-create-user",
        "Create a user for Ada Lovelace, ada.lovelace@northwind.example, with the id legacy-1815 of our old system "
        "as external id and {\"source\": \"import\"} as private metadata. She will set a password later.",
        [{"matches": r"user_\w+"}],
        [("clerk_create_user", {"emailAddress": "ada.lovelace@northwind.example", "firstName": "Ada",
                                "lastName": "Lovelace", "externalId": "legacy-1815",
                                "privateMetadata": {"source": "import"}, "skipPasswordRequirement": True})],
        "Created: {0/id}.",
        state=[{"path": "/users?external_id=legacy-1815", "pointer": f"/0/{pointer}", "equals": value}
               for pointer, value in (
                   ("first_name", "Ada"), ("last_name", "Lovelace"), ("password_enabled", False),
                   ("email_addresses/0/email_address", "ada.lovelace@northwind.example"))],
        changes=[{"new": {"kind": "user", "count": 1}}],
    )

    it = small.one(lambda it: domain(it) == "cedarworks.example")
    task(
        "dev-create-with-address",
        f"Create a user with the address {email(it)}, no password. If that isn't possible, say why, with the ID of any user involved.",
        [users([it])],
        [("clerk_create_user", {"emailAddress": email(it), "skipPasswordRequirement": True})],
        f"The address is taken by {it['id']}. I changed nothing.",
    )

    it = small.one(lambda it: it["create_organization_enabled"] and not it["banned"] and not small.orgs_of(it))
    task(
        "dev-create-organization",
        f"Create an organization Harbor Lights with the slug harbor-lights for {email(it)}, for at most 12 members.",
        [{"matches": r"org_\w+"}],
        [find(it), ("clerk_create_organization", {"name": "Harbor Lights", "slug": "harbor-lights",
                                                  "createdBy": got(0, "/users/0/id"), "maxAllowedMemberships": 12})],
        "Created: {1/id}.",
        state=[{"path": "/organizations/harbor-lights", "pointer": f"/{pointer}", "equals": value}
               for pointer, value in (("name", "Harbor Lights"), ("created_by", it["id"]), ("max_allowed_memberships", 12))],
        changes=[{"new": {"kind": "org", "count": 1}}, {"new": {"kind": "orgmem", "count": 1}}],
    )

    it = small.one(lambda it: it["first_name"] == "Mei" or it["username"])
    task(
        "dev-first-name",
        f"Set the first name of {it['id']} to Mira. Then say for sure whether it is set.",
        [{"matches": r"(?i)\b(yes|is set|confirmed|is now)\b"}],
        [("clerk_update_user", {"userId": it["id"], "firstName": "Mira"}),
         ("clerk_get_user", {"userId": it["id"], "fields": ["firstName"]})],
        "Yes: the answer to the change was lost, so I looked, and the first name is now {1/firstName}.",
        options=["--fault=cut;times=1;on=PATCH /v1/users"],
        state=[{"path": of(it), "pointer": "/first_name", "equals": "Mira"}],
        changes=[fields([it["id"]], "first_name")],
    )

    sharers = [it for it in small.users if domain(it) == "northwind.example"]
    rows = lambda offset: ("clerk_list_users", {"query": "northwind.example", "all": True, "fields": ["email"], **offset})
    task(
        "dev-list-addresses",
        "List the email addresses of all users at northwind.example, and nothing else.",
        [exactly(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\w", [email(it) for it in sharers])],
        [rows({}), rows({"offset": got(0, "/nextOffset")})],
        "{0/users/*/email}, {1/users/*/email}",
        options=["--max-answer-tokens=600"],
    )

    first = min(large.users, key=lambda it: it["created_at"])
    file.task(
        large, "dev-first-user",
        "Who was the first of our users to sign up? Give the id and the day (UTC, as YYYY-MM-DD). "
        "And how many users do we have today?",
        [users([first]), {"contains": day(first["created_at"])}, {"number": len(large.users)}],
        [("clerk_list_users", {"orderBy": "+created_at", "limit": 1, "detail": "concise"})],
        "{0/users/0/id}, on {0/users/0/createdAt|date}. There are {0/totalCount} users.",
        maxTokens=3000,
    )

    signed_up = [it for it in large.users if "2026-03" == day(it["created_at"])[:7] and not it["two_factor_enabled"]]
    rows = Counter(it for user in signed_up for it in {e["email_address"].split("@")[1] for e in user["email_addresses"]})
    file.task(
        large, "dev-march-without-second-factor",
        "How many of the users who signed up in March 2026 (UTC) have no second factor? The total, and one line "
        "for each email domain with its number; count users with addresses at several domains once for each.",
        [{"number": len(signed_up)}, {"rows": rows}],
        [("clerk_find_users", {"createdAtAfter": "2026-03-01", "createdAtBefore": "2026-04-01",
                               "twoFactorEnabled": False, "groupBy": "domain"})],
        "In all {0/totalCount}:\n" + "\n".join(f"{it}: {count}" for it, count in rows.most_common()),
        maxTokens=3000,
    )

    paying = [it for it in large.users if it["public_metadata"].get("plan") == "enterprise"]
    idle = [it for it in paying if (it["last_active_at"] or it["created_at"]) < at("2026-01-01")]
    on_plan = {"metadataPath": "public.plan", "metadataValue": "enterprise", "limit": 1, "fields": ["id"]}
    file.task(
        large, "dev-idle-enterprise",
        "How many users are on the plan enterprise (public metadata), and how many of them have not been active since "
        "1 January 2026? Count users who were never active if their account is older than that. Answer with the two numbers.",
        [{"number": len(paying)}, {"number": len(idle)}],
        [("clerk_find_users", on_plan), ("clerk_find_users", {**on_plan, "inactiveSince": "2026-01-01"})],
        "{0/totalCount} are on enterprise, {1/totalCount} of them idle.",
        maxTokens=3000,
    )

    of_2025 = [it for it in large.users if day(it["created_at"])[:4] == "2025"]
    year = {"createdAtAfter": "2025-01-01", "createdAtBefore": "2026-01-01"}
    file.task(
        large, "dev-banned-of-2025",
        "How many users signed up in 2025 (UTC), and how many of those are banned? Only the two numbers.",
        [{"number": len(of_2025)}, {"number": sum(it["banned"] for it in of_2025)}],
        [("clerk_count_users", year), ("clerk_count_users", {**year, "banned": True})],
        "{0/totalCount}, {1/totalCount}",
        maxTokens=1500,
    )

    sizes = sorted(large.orgs, key=lambda it: -it["members_count"])
    biggest = sizes[0]["members_count"]
    top = [it for it in sizes if it["members_count"] == biggest]
    file.task(
        large, "dev-largest-organizations",
        "How many members do our largest organizations have, and how many organizations are that large? "
        "Answer with the two numbers.",
        [{"number": biggest}, {"number": len(top)}],
        [("clerk_list_organizations", {"orderBy": "-members_count", "limit": len(top) + 1,
                                       "includeMembersCount": True, "fields": ["membersCount"]})],
        f"{{0/organizations/0/membersCount}} members each, and {len(top)} organizations are that large.",
        maxTokens=4000,
    )

    run = lambda operation, **arguments: {"operation": operation, "arguments": arguments}
    template = next(it for it in small.templates if it["name"] == "hasura")
    claims = {**template["claims"], "aud": "hasura"}
    task(
        "dev-jwt-claim",
        "Add the claim aud with the value hasura to the JWT template for Hasura, and leave its other claims as they are. "
        "For how many seconds are its tokens valid?",
        [{"number": template["lifetime"]}],
        [("clerk_search_operations", {"query": "jwt template"}),
         ("clerk_run_read", run("clerk_list_jwt_templates")),
         ("clerk_run_write", run("clerk_update_jwt_template", templateId=template["id"], name="hasura", claims=claims))],
        "It has the claim; its tokens are valid for {2/lifetime} seconds.",
        state=[{"path": f"/jwt_templates/{template['id']}", "pointer": "/claims", "equals": claims}],
        changes=[fields([template["id"]], "claims")],
    )

    may = "org:sys_memberships:read"
    permission = next(it for it in small.permissions if it["key"] == may)
    task(
        "dev-new-role",
        f"Create a role Auditor, key org:auditor, whose members may see who else is in the organization ({may}), and nothing "
        "else. Answer with the role's id.",
        [{"contains": "role_"}],
        [("clerk_search_operations", {"query": "create role", "schemas": True}),
         ("clerk_run_read", run("clerk_list_organization_permissions", query=may)),
         ("clerk_run_write", run("clerk_create_organization_role", name="Auditor", key="org:auditor",
                                 permissions=[permission["id"]]))],
        "{2/id}",
        state=[{"path": "/organization_roles?query=org:auditor", "pointer": "/data/0/permissions/0/key", "equals": may},
               {"path": "/organization_roles?query=org:auditor", "pointer": "/total_count", "equals": 1}],
        changes=[{"new": {"kind": "role", "count": 1}}],
    )

    template = next(it for it in small.templates if it["name"] == "supabase")
    added = {"app_metadata": {"plan": "{{user.public_metadata.plan}}", "org_id": "{{org.id}}"}}
    claims = {**template["claims"], **added}
    task(
        "dev-supabase-claims",
        "Our row level security in Supabase needs two more values in the token. In the JWT template supabase, add an object "
        "app_metadata with plan, taken from the public metadata of the user ({{user.public_metadata.plan}}), and org_id, the "
        "active organization ({{org.id}}). Its tokens should be valid for five minutes. The rest of the template stays as it "
        "is. Which top-level claims does the template have now?",
        [{"contains": claim} for claim in claims],
        [("clerk_search_operations", {"query": "update jwt template", "schemas": True}),
         ("clerk_run_read", run("clerk_list_jwt_templates")),
         ("clerk_run_write", run("clerk_update_jwt_template", templateId=template["id"], name="supabase", claims=claims,
                                 lifetime=300))],
        "It has these claims now: " + ", ".join(claims) + ".",
        state=[{"path": f"/jwt_templates/{template['id']}", "pointer": f"/{pointer}", "equals": value}
               for pointer, value in (("claims", claims), ("lifetime", 300))],
        changes=[fields([template["id"]], "claims", "lifetime")],
    )

    def application(seed, title, uris):
        accounts = "https://clerk.harborline.example"
        return {
            "object": "oauth_application", "id": made_id("oauthapp", seed), "instance_id": made_id("ins", 0), "name": title,
            "client_id": made_id("client", seed)[8:24], "client_uri": None, "client_image_url": None,
            "dynamically_registered": False, "consent_screen_enabled": True, "pkce_required": False, "public": False,
            "scopes": "profile email", "redirect_uris": uris, "callback_url": uris[0],
            "authorize_url": f"{accounts}/oauth/authorize", "token_fetch_url": f"{accounts}/oauth/token",
            "user_info_url": f"{accounts}/oauth/userinfo", "discovery_url": f"{accounts}/.well-known/openid-configuration",
            "token_introspection_url": f"{accounts}/oauth/token_info",
            "created_at": at("2025-02-11"), "updated_at": at("2025-09-30"),
        }

    uris = ["https://app.harborline.example/oauth/callback", "https://eu.harborline.example/oauth/callback"]
    uri = "https://reports.harborline.example/oauth/callback"
    apps = [application(1, "Harborline", uris),
            application(2, "Harborline Staging", ["https://staging.harborline.example/oauth/callback"])]
    task(
        "dev-oauth-callback",
        f"The OAuth application Harborline gets a second front end. Allow {uri} as a redirect URI too; everything that works "
        "today must go on working. How many redirect URIs does it have then?",
        [{"number": 3}],
        [("clerk_search_operations", {"query": "update oauth application redirect uris", "schemas": True}),
         ("clerk_run_read", run("clerk_list_oauth_applications", nameQuery="Harborline", fields=["id", "name", "redirectUris"])),
         ("clerk_run_write", run("clerk_update_oauth_application", oauthApplicationId=apps[0]["id"],
                                 redirectUris=uris + [uri]))],
        "It has 3 redirect URIs now.",
        extras={"objects": by_path("/oauth_applications", apps)},
        state=[{"path": f"/oauth_applications/{apps[0]['id']}", "pointer": "/redirect_uris", "equals": uris + [uri]}],
        changes=[fields([f"/oauth_applications/{apps[0]['id']}"], "redirect_uris")],
    )

    def machine(seed, title):
        return {"object": "machine", "id": made_id("mch", seed), "name": title, "instance_id": made_id("ins", 0),
                "default_token_ttl": 3600, "created_at": at("2025-05-06"), "updated_at": at("2025-05-06")}

    machines = [machine(number, title) for number, title in enumerate(("ledger", "invoice-writer", "ledger-archive"))]
    ledger, writer, _ = machines
    scope = lambda one, other: {
        "request": f"POST /machines/{one['id']}/scopes", "object": f"/machines/{one['id']}/scopes/1",
        "sets": {f"/machines/{one['id']}/scopes/1": {"object": "machine_scope", "from_machine_id": one["id"],
                                                      "created_at": at("2026-06-01")},
                 f"/machines/{one['id']}": {"scoped_machines": [other]}}}
    task(
        "dev-machine-access",
        "Our service invoice-writer gets its machine-to-machine token, but ledger doesn't accept it: in Clerk, "
        "invoice-writer may not talk to ledger yet. Change that. ledger itself must not be able to call anybody.",
        [{"contains": "invoice-writer"}, {"contains": "ledger"}],
        [("clerk_search_operations", {"query": "machine scope", "schemas": True}),
         ("clerk_run_read", run("clerk_list_machines", fields=["id", "name"])),
         ("clerk_run_write", run("clerk_create_machine_scope", machineId=writer["id"], toMachineId=ledger["id"]))],
        "invoice-writer may talk to ledger now; ledger may talk to nobody.",
        extras={"objects": by_path("/machines", [{**it, "scoped_machines": []} for it in machines]),
                "rules": [scope(writer, ledger), scope(ledger, writer)]},
        state=[{"path": f"/machines/{writer['id']}/scopes/1", "pointer": "/to_machine_id", "equals": ledger["id"]}],
        changes=[{"new": {"kind": f"/machines/{writer['id']}/scopes", "count": 1}},
                 fields([f"/machines/{writer['id']}"], "scoped_machines")],
    )

    asked = [it for it in small.users if email(it) and not it["banned"]][40:48]
    plan = lambda user: user["public_metadata"].get("plan", "none")
    strangers = ["ines.carvalho@meridian.example", "tom.becker@post.example.org"]
    rows = [(email(it), plan(it)) for it in asked]
    rows[2:2], rows[7:7] = [(strangers[0], "no account")], [(strangers[1], "no account")]
    task(
        "dev-plans-of-addresses",
        "Which plan is each of these addresses on, according to the public metadata? One line each, in the form address: plan. "
        "Write none if the account has no plan, and no account if nobody has that address.\n"
        + "\n".join(address for address, _ in rows),
        [{"matches": rf"(?i){re.escape(address)}[^\w\n]{{1,8}}{value}\b"} for address, value in rows],
        [("clerk_list_users", {"emailAddress": [address for address, _ in rows], "fields": ["email", "publicMetadata"]})],
        "\n".join(f"{address}: {value}" for address, value in rows),
    )

    merged = ["northwind.example", "bluefin-analytics.example"]
    sharers = [it for it in large.users if any(e["email_address"].split("@")[1] in merged for e in it["email_addresses"])]
    paying = [it for it in sharers if it["public_metadata"].get("plan") == "enterprise"]
    assert 50 < len(paying) <= 100, "more than the default limit, and fewer than one call can change"
    bulk = {"action": "mergeMetadata", "publicMetadata": {"plan": "group"}, "maxUsers": 100, "find": {
        "emailDomain": ",".join(merged), "metadataPath": "public.plan", "metadataValue": "enterprise"}}
    file.task(
        large, "dev-move-plan",
        "Northwind and Bluefin have merged. Every user with an address at northwind.example or bluefin-analytics.example who "
        "is on the plan enterprise (public metadata) moves to the plan group; the rest of their metadata stays. You have my "
        "consent for all of them, however many they are. How many did you move?",
        [{"number": len(paying)}],
        [("clerk_bulk_update", bulk), ("clerk_bulk_update", {**bulk, "dryRun": False, "selection": got(0, "/selection")})],
        "{1/done} users are on the plan group now.",
        state=[{"path": "/users/{}", "ids": ids(paying), "pointer": "/public_metadata/plan", "equals": "group"}],
        changes=[fields(ids(paying), "public_metadata")],
    )
    file.write()
