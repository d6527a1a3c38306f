"""What developers ask for."""

from collections import Counter

from sandbox import File, at, day, domain, email, exactly, fields, got, ids, name, users


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
        "The plan of {0/users/0/primaryEmailAddress} is now {1/publicMetadata/plan}.",
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
    made_up = [real[0][:-3] + "AAA", real[1][:-2] + "zz", "user_2NobodyHasThisIdAtAll00000000"]
    asked = [real[0], made_up[0], real[1], real[2], made_up[1], real[3], made_up[2], real[4]]
    task(
        "dev-which-ids",
        f"Which of these users do not exist any more? Answer with their ids only. {' '.join(asked)}",
        [exactly(r"\buser_\w+", made_up)],
        [("clerk_list_users", {"userId": asked, "fields": ["id"]})],
        " ".join(made_up),
    )

    testers = [it for it in small.users if email(it) and not it["banned"]][20:26]
    unknown = "nobody.at.all@northwind.example"
    task(
        "dev-mark-testers",
        "Mark these accounts as beta testers, betaTester: true in the public metadata, and keep what else is there: "
        + ", ".join([email(it) for it in testers] + [unknown])
        + ". I agree already, no need to ask me again. Say how many you marked, and which address nobody has.",
        [{"number": len(testers)}, {"contains": unknown}],
        [("clerk_list_users", {"emailAddress": [email(it) for it in testers] + [unknown], "fields": ["id", "primaryEmailAddress"]}),
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
        "on the plan pro. Leave all others alone. I agree to whatever that selects; do it and say how many it were.",
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
        "dev-create-taken",
        f"Create a user with the address {email(it)}, no password. If that can't be done, say which user (id) is in the way.",
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
        "dev-lost-answer",
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
    rows = lambda offset: ("clerk_list_users", {"query": "northwind.example", "all": True, "fields": ["primaryEmailAddress"], **offset})
    task(
        "dev-small-answers",
        "List the email addresses of all users at northwind.example, and nothing else.",
        [exactly(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\w", [email(it) for it in sharers])],
        [rows({}), rows({"offset": got(0, "/nextOffset")})],
        "{0/users/*/primaryEmailAddress}, {1/users/*/primaryEmailAddress}",
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
        "How many of the users that signed up in March 2026 (UTC) have no second factor? The total, and one line "
        "for each email domain with its number; whoever has addresses at several domains counts for each.",
        [{"number": len(signed_up)}, {"rows": rows}],
        [("clerk_find_users", {"createdAtAfter": "2026-03-01", "createdAtBefore": "2026-04-01",
                               "twoFactorEnabled": False, "groupBy": "domain"})],
        "In all {0/matched}:\n" + "\n".join(f"{it}: {count}" for it, count in rows.most_common()),
        maxTokens=3000,
    )

    paying = [it for it in large.users if it["public_metadata"].get("plan") == "enterprise"]
    idle = [it for it in paying if (it["last_active_at"] or it["created_at"]) < at("2026-01-01")]
    on_plan = {"metadataPath": "public.plan", "metadataValue": "enterprise", "limit": 1, "fields": ["id"]}
    file.task(
        large, "dev-idle-enterprise",
        "How many users are on the plan enterprise (public metadata), and how many of them have not been active since "
        "1 January 2026? Who never was active counts where the account is older than that. Answer with the two numbers.",
        [{"number": len(paying)}, {"number": len(idle)}],
        [("clerk_find_users", on_plan), ("clerk_find_users", {**on_plan, "inactiveSince": "2026-01-01"})],
        "{0/matched} are on enterprise, {1/matched} of them idle.",
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
        f"Our largest organizations: how many members have they, and how many organizations share that size? "
        "There may be many organizations; answer with the two numbers.",
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
        "The JWT template for Hasura shall have the claim aud, with the value hasura, too. Leave its other claims as they "
        "are. How many seconds are its tokens good for?",
        [{"number": template["lifetime"]}],
        [("clerk_search_operations", {"query": "jwt template"}),
         ("clerk_run_read", run("clerk_list_jwt_templates")),
         ("clerk_run_write", run("clerk_update_jwt_template", templateId=template["id"], name="hasura", claims=claims))],
        "It has the claim; its tokens are good for {2/lifetime} seconds.",
        state=[{"path": f"/jwt_templates/{template['id']}", "pointer": "/claims", "equals": claims}],
    )

    may = "org:sys_memberships:read"
    permission = next(it for it in small.permissions if it["key"] == may)
    task(
        "dev-new-role",
        f"Make a role Auditor, key org:auditor, whose members may see who else is in the organization ({may}), and nothing "
        "else. Answer with the role's id.",
        [{"contains": "role_"}],
        [("clerk_search_operations", {"query": "create role", "schemas": True}),
         ("clerk_run_read", run("clerk_list_organization_permissions", query=may)),
         ("clerk_run_write", run("clerk_create_organization_role", name="Auditor", key="org:auditor",
                                 permissions=[permission["id"]]))],
        "{2/id}",
        state=[{"path": "/organization_roles?query=org:auditor", "pointer": "/data/0/permissions/0/key", "equals": may},
               {"path": "/organization_roles?query=org:auditor", "pointer": "/total_count", "equals": 1}],
    )
    file.write()
