"""Cases: the sandbox's incidents, in the words of support and security teams.

Each has two solutions: by the tools for cases, and by the plain ones. What is expected is the true story in
crates/clerk-sandbox/incidents. The data is as old as the sandbox, so no task has a date or an ID in it.
"""

from types import SimpleNamespace

from sandbox import File, exactly, got

SANDBOX = SimpleNamespace(size=200, seed=7)
ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\w"
WAVE = {"first": "198.51.100.11", "second": "198.51.100.12", "third": "192.0.2.201", "fourth": "203.0.113.199"}

contains = lambda *texts: [{"contains": text} for text in texts]
matches = lambda *patterns: [{"matches": f"(?is){pattern}"} for pattern in patterns]
number = lambda *numbers: [{"number": it} for it in numbers]
in_order = lambda *patterns: matches(".*".join(patterns))

explain = lambda identifier: ("clerk_explain_sign_in", {"identifier": identifier})
timeline = lambda **of: ("clerk_case_timeline", of)
read = lambda operation, **arguments: ("clerk_run_read", {"operation": operation, "arguments": arguments})
logs = lambda **filters: read("clerk_list_logs", **filters)
LOOK_UP = ("clerk_search_operations", {"query": "list application logs", "schemas": True, "limit": 1})


def write():
    file = File("cases", "support")

    def task(id, words, checks, calls, plain, answer, plain_answer=None, persona="support"):
        file.persona = persona
        file.task(SANDBOX, id, words, checks, calls, answer, incidents=True,
                  plain=(plain, plain_answer or answer))

    sign_in(task)
    sso(task)
    takeover(task)
    wave(task)
    same_person(task)
    file.write()


def sign_in(task):
    tomas, number_of_his = "tomas@alpenrad.example", "+436645550198"
    task(
        "case-cannot-get-in",
        f"Tomas ({tomas}) says he can't get in since this morning, whatever he tries. Why, and since when "
        "(time in UTC)? Only look, don't change anything.",
        matches(r"\blocked", r"\d\d:\d\d", r"password"),
        [explain(tomas)],
        [("clerk_get_user", {"userId": tomas, "fields": ["id", "locked", "banned", "passwordEnabled"]}),
         LOOK_UP,
         logs(subject=tomas, type="user.locked", detail="concise"),
         logs(subject=tomas, type="sign_in.*", limit=5, detail="concise")],
        "He is locked since {0/causes/0/since}, after too many wrong passwords. {0/causes/0/fact}",
        "He is locked since {2/logs/0/eventTime}, after too many wrong passwords.",
    )
    task(
        "case-codes-by-text-message",
        f"Tomas ({tomas}) has a new phone number and swears that no sign-in code reached him on it. How many did we send "
        "to it, and did they arrive?",
        number(3) + contains(number_of_his) + matches(r"undeliverable|unreachable|not delivered|failed"),
        [explain(tomas)],
        [LOOK_UP,
         logs(subject=tomas, type="sms.*", fields=["eventTime", "type"]),
         logs(subject=tomas, type="sms.undeliverable", payloadFields=["phone_number", "reason"],
              fields=["eventTime", "payload"])],
        "{0/causes/2/fact} So he is right: 3 codes were sent, and none was delivered.",
        "3 codes were sent to {2/logs/0/payload/phone_number}, and none was delivered: {2/logs/*/payload/reason}.",
    )


def sso(task):
    bram, office = "bram@harborfreight.example", "192.0.2.60"
    task(
        "case-company-sign-in",
        f"Bram from Harbor Freight ({bram}) can't sign in with his company's login any more. Two days ago it still worked. "
        "What was wrong at first, what is wrong now, and what would have to be changed?",
        in_order(r"certificate", r"expired", r"(?:\binactive|not active|turned off|switched off|disabled|deactivated)"),
        [explain(bram)],
        [LOOK_UP,
         logs(subject=bram, type="sign_in.failed", payloadFields=["error_code"], fields=["eventTime", "payload"]),
         read("clerk_list_enterprise_connections")],
        "At first: {0/causes/4/fact} Then: {0/causes/3/fact} Now: {0/causes/0/fact} It needs a valid certificate, and then "
        "to be turned on: {0/causes/0/changedBy}.",
        "At first {1/logs/2/payload/error_code}: the connection's certificate expired on "
        "{2/enterpriseConnections/0/samlConnection/idpCertificates/0/expiresAt|date}. Now {1/logs/0/payload/error_code}: "
        "{2/enterpriseConnections/0/name} is inactive. It needs a valid certificate, and then to be turned on.",
    )
    people = [got(0, f"/entries/{i}/on") for i in range(3)]
    logged = [got(1, f"/logs/{i}/subject") for i in range(3)]
    names = lambda call: ("clerk_list_users", {"userId": call, "fields": ["id", "name", "primaryEmailAddress"]})
    task(
        "case-nobody-in-the-office",
        f"A customer's office manager calls: since this morning nobody in their office (IP address {office}) gets in. "
        "Is that so? How many attempts from there have failed, and which people (email addresses) tried?",
        number(11) + [exactly(ADDRESS, [f"{it}@harborfreight.example" for it in ("anouk", "bram", "chidi")])],
        [timeline(ipAddress=office, fields=["entries.at", "entries.type", "entries.count", "entries.on"]), names(people)],
        [LOOK_UP, logs(ipAddress=office, type="sign_in.*", limit=50, fields=["eventTime", "type", "subject"]), names(logged)],
        "Yes: 11 failed, none worked. {1/users/*/primaryEmailAddress} tried.",
        "Yes: 11 failed, none worked. {2/users/*/primaryEmailAddress} tried.",
    )


def takeover(task):
    mara, theirs = "mara@fjordline.example", "m.lindqvist@fastpost.example"
    task(
        "case-what-did-they-do",
        f"Somebody got into the account of {mara} last night: what did they do, in order, and from where? Start with their "
        "first attempt.",
        contains("198.51.100.77", "Lagos", theirs)
        + in_order(r"(?:wrong|failed|guess|attempt)", r"(?:signed in|sign-in (?:completed|succeeded)|successful|logged in|got in|sign_in\.completed)",
                   r"fastpost\.example", r"password", r"(?:revoked|signed (?:her |Mara )?out|ended)"),
        [timeline(userId=mara)],
        [LOOK_UP,
         logs(subject=mara, limit=50, detail="concise"),
         ("clerk_get_user", {"userId": mara, "fields": ["emailAddresses"]}),
         ("clerk_list_sessions", {"userId": mara, "detail": "concise"})],
        "From {0/entries/2/from}: 6 attempts failed with wrong passwords. Then they signed in, "
        "added {0/entries/6/about} and made it primary, changed the password, and with that revoked the session in Hamburg.",
        "From {1/logs/2/ipAddress}, {1/logs/2/city}: 6 attempts failed with wrong passwords. Then they signed in, added "
        "{2/emailAddresses/1/emailAddress}, changed the password, and with that revoked the session in Hamburg.",
        persona="security",
    )
    task(
        "case-how-did-they-get-in",
        f"The people at Fjordline say that {mara} was broken into because we are careless: the intruder guessed at "
        "the password and then got in. Was it guessed, or did the password change before they got in? If so, who changed it, "
        "and how many minutes before?",
        number(10) + matches(r"secret key|backend|API key|sandbox_key"),
        [timeline(userId=mara, fields=["entries.at", "entries.type", "entries.who", "entries.from"])],
        [LOOK_UP,
         logs(subject=mara, type="user.password.changed", fields=["eventTime", "actor", "actorType", "ipAddress"]),
         logs(subject=mara, type="sign_in.*", fields=["eventTime", "type", "ipAddress"])],
        "It was not guessed. The password was set through our backend ({0/entries/11/who}), 10 minutes before the sign-in "
        "from abroad.",
        "It was not guessed. The password was set through our backend, with a secret key ({1/logs/1/actor}), 10 "
        "minutes before the sign-in from abroad.",
        persona="security",
    )
    held = ["entries.type", "entries.on", "entries.from", "entries.about"]
    task(
        "case-what-do-they-still-hold",
        f"{mara} was taken over from 198.51.100.77. Before we clean up: how many sessions of theirs are still active, which "
        "address did they add, and whom did they invite into Fjordline Shipping, as what? Change nothing yet.",
        contains(theirs, "helper@fastpost.example") + matches(r"admin") + number(1),
        [timeline(userId=mara, fields=held), timeline(organizationId="Fjordline Shipping", fields=held)],
        [("clerk_list_sessions", {"userId": mara}),
         ("clerk_get_user", {"userId": mara, "fields": ["emailAddresses", "primaryEmailAddress"]}),
         ("clerk_search_operations", {"query": "list organization invitations", "schemas": True, "limit": 1}),
         read("clerk_list_organization_invitations", organizationId="Fjordline Shipping")],
        "Still theirs: 1 active session, the address {0/entries/6/about}, and a pending invitation "
        "({1/entries/0/about}).",
        "Still theirs: 1 active session, the address {1/primaryEmailAddress}, and a pending invitation of "
        "{3/organizationInvitations/0/emailAddress} as {3/organizationInvitations/0/role}.",
        persona="security",
    )


def wave(task):
    sanne = "sanne@larkspur.example"
    broken = [f"{it}@larkspur.example" for it in ("odile", "petra", "rui")]
    addresses = list(WAVE.values())
    fields = ["entries.type", "entries.count", "entries.on"]
    people = lambda calls: ("clerk_list_users", {"userId": calls, "fields": ["id", "primaryEmailAddress"]})
    task(
        "case-broken-into",
        "Our firewall saw a wave of sign-ins last night from " + ", ".join(addresses[:3]) + f" and {addresses[3]}. "
        "Which accounts were broken into in that wave? Email addresses of those only.",
        [exactly(ADDRESS, broken)],
        [timeline(ipAddress=it, fields=fields) for it in addresses]
        + [people([got(0, "/entries/1/on"), got(2, "/entries/11/on"), got(3, "/entries/1/on")])],
        [LOOK_UP]
        + [logs(ipAddress=it, type="sign_in.completed", fields=["eventTime", "subject"]) for it in addresses]
        + [people([got(it, "/logs/0/subject") for it in (1, 3, 4)])],
        "{4/users/*/primaryEmailAddress}",
        "{5/users/*/primaryEmailAddress}",
        persona="security",
    )
    task(
        "case-tried-but-not-in",
        f"{sanne} is afraid that somebody was in her account last night. Was somebody? How often did they try, and from "
        "which IP addresses?",
        number(12) + contains(WAVE["second"], WAVE["third"]) + matches(r"\bno\b|\bnot\b|nobody|n't"),
        [timeline(userId=sanne)],
        [LOOK_UP,
         logs(subject=sanne, limit=50, detail="concise"),
         ("clerk_list_sessions", {"userId": sanne, "detail": "concise"})],
        "No, nobody got in. They tried 12 times, from " f"{WAVE['second']} and {WAVE['third']}.",
        persona="security",
    )


def same_person(task):
    accounts = ["ines.moreau.k7@gmail.com", "inesmoreauk7+studio@gmail.com", "ines@moreau-studio.example"]
    member = lambda i: read("clerk_list_user_organization_memberships", userId=got(0, f"/users/{i}/id"))
    task(
        "case-same-person-twice",
        "Ines Moreau wrote twice, from different addresses. Is this the same person more than once? Which accounts (email "
        "addresses), in which organizations is each, and which one did she use last?",
        [exactly(ADDRESS, accounts)] + contains("Moreau Archive", "Moreau Studio")
        + matches(r"(?:last|newest|latest|recent)[^\n]*ines@moreau-studio|ines@moreau-studio[^\n]*(?:last|newest|latest|recent)"),
        [("clerk_find_users", {"query": "Ines Moreau", "groupBy": "duplicateName"})],
        [("clerk_list_users", {"query": "Ines Moreau", "detail": "concise"}),
         ("clerk_search_operations", {"query": "list organization memberships of a user", "schemas": True, "limit": 1}),
         member(0), member(1), member(2)],
        "Yes, by name, and two of them by the same Gmail mailbox. Last used: {0/groups/0/users/0/knownAs} "
        "({0/groups/0/users/0/organizations/0}).\nThen {0/groups/0/users/1/knownAs} ({0/groups/0/users/1/organizations/0}).\n"
        "Then {0/groups/0/users/2/knownAs} ({0/groups/0/users/2/organizations/0}).",
        "Yes, by name, and two of them by the same Gmail mailbox. Last used: {0/users/0/primaryEmailAddress} "
        "({2/organizationMemberships/0/organization/name}).\nThen {0/users/1/primaryEmailAddress} "
        "({3/organizationMemberships/0/organization/name}).\nThen {0/users/2/primaryEmailAddress} "
        "({4/organizationMemberships/0/organization/name}).",
    )
