"""A session of an agent with the official Python client: the release binary on its sandbox.

Calls every tool, in each protocol era that the client speaks, and checks what comes back.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters
from mcp.types import PromptReference

BINARY = sys.argv[1]


class Session:
    def __init__(self, client):
        self.client = client
        self.called = set()

    async def call(self, tool, progress=None, **arguments):
        """A call that succeeds; its structured content, which the client has validated."""
        self.called.add(tool)
        result = await self.client.call_tool(tool, arguments, progress_callback=progress)
        text = json.loads(result.content[0].text)
        assert not result.is_error, f"{tool} {arguments}: {text}"
        assert result.structured_content == text, f"{tool}: text and structured content differ"
        assert text["success"] is True, text
        print(f"  {tool} {json.dumps(arguments)} -> {json.dumps(text)[:160]}")
        return text

    async def error(self, tool, **arguments):
        """A call that fails; the `error` that the agent reads."""
        result = await self.client.call_tool(tool, arguments)
        text = json.loads(result.content[0].text)
        assert result.is_error and text["success"] is False, f"{tool} {arguments}: {text}"
        print(f"  {tool} {json.dumps(arguments)} -> {json.dumps(text)[:400]}")
        return text["error"]


async def story(session):
    """Find a user, create one, change it, look into sessions, make an organization, delete."""
    itself = await session.call("clerk_whoami")
    assert itself["instanceKind"] == "test", itself
    assert [group["toolsets"] for group in itself["off"]] == [["changes"], ["events"]], itself

    page = await session.call("clerk_list_users", limit=3)
    assert len(page["users"]) == 3 and page["totalCount"] == 25, page
    email = page["users"][0]["emailAddresses"][0]["emailAddress"]
    found = await session.call("clerk_list_users", emailAddress=email)
    assert [user["id"] for user in found["users"]] == [page["users"][0]["id"]]

    created = await session.call(
        "clerk_create_user",
        emailAddress="nia@example.com, nia.b@example.com",
        firstName="Nia",
        password="correct horse battery",
        publicMetadata={"plan": "free", "team": "red"},
    )
    user = created["id"]
    assert [it["verified"] for it in created["emailAddresses"]] == [True, True], created
    error = await session.error("clerk_create_user", emailAddress="nia@example.com")
    assert error["code"] == "form_identifier_exists" and error["param"] == "emailAddress", error

    changed = await session.call(
        "clerk_update_user", userId=user, firstName="Nia-Mae", publicMetadata={"plan": "pro"}
    )
    assert changed["firstName"] == "Nia-Mae" and changed["publicMetadata"] == {"plan": "pro"}
    read = await session.call("clerk_get_user", userId=user)
    assert read["publicMetadata"] == {"plan": "pro"} and read["passwordEnabled"], read

    organization = await session.call(
        "clerk_create_organization", name="Red Team", createdBy=user, slug="red-team"
    )
    by_slug = await session.call("clerk_get_organization", organizationId="red-team")
    assert by_slug["id"] == organization["id"] and by_slug["membersCount"] == 1, by_slug
    listed = await session.call("clerk_list_organizations", query="red", includeMembersCount=True)
    assert listed["totalCount"] == 1 and listed["organizations"][0]["membersCount"] == 1, listed

    active = await find_active(session)
    sessions = await session.call("clerk_list_sessions", userId=active["userId"])
    assert sessions["totalCount"] >= len(sessions["sessions"]) > 0
    revoked = await session.call("clerk_revoke_session", sessionId=active["id"])
    assert revoked["status"] == "revoked"
    again = await session.call("clerk_get_session", sessionId=active["id"])
    assert again["status"] == "revoked"

    deleted = await session.call("clerk_delete_user", userId=user)
    assert deleted == {"id": user, "object": "user", "deleted": True, "allSessionsRevoked": True, "success": True}, deleted
    error = await session.error("clerk_get_user", userId=user)
    assert error["status"] == 404 and "clerk_list_users" in error["hint"], error

    error = await session.error("clerk_list_users", limit=501, emial="x")
    assert {it["param"] for it in error["errors"]} == {"limit", "emial"}, error
    error = await session.error("clerk_delete_user", userId="../organizations/org_1")
    assert error["code"] == "invalid_arguments", error


async def people(session):
    """Memberships, bans and locks, metadata, the search, work on many, the overview."""
    users = (await session.call("clerk_list_users", limit=25, detail="concise"))["users"]
    organizations = await session.call(
        "clerk_list_organizations", limit=50, includeMembersCount=True
    )
    largest = max(organizations["organizations"], key=lambda it: it["membersCount"])
    organization = largest["id"]
    listed = await session.call(
        "clerk_list_organization_memberships", organizationId=organization, all=True
    )
    inside = {it["userId"] for it in listed["memberships"]}
    user = next(it["id"] for it in users if it["id"] not in inside)
    await session.call(
        "clerk_add_organization_member",
        organizationId=organization,
        userId=user,
        role="org:member",
    )
    removed = await session.call(
        "clerk_remove_organization_member", organizationId=organization, userId=user
    )
    assert removed["role"] == "org:member", removed

    invited = await session.call(
        "clerk_create_organization_invitation",
        organizationId=organization,
        emailAddress="ci@example.com",
        role="org:member",
    )
    listed = await session.call(
        "clerk_list_organization_invitations", organizationId=organization, status="pending"
    )
    assert [it["id"] for it in listed["organizationInvitations"]] == [invited["id"]], listed
    revoked = await session.call(
        "clerk_revoke_organization_invitation",
        organizationId=organization,
        invitationId=invited["id"],
    )
    assert revoked["status"] == "revoked", revoked
    member = (
        await session.call("clerk_list_organization_memberships", organizationId=organization)
    )["memberships"][-1]
    changed = await session.call(
        "clerk_update_organization_membership",
        organizationId=organization,
        userId=member["userId"],
        role="org:admin",
    )
    assert changed["role"] == "org:admin", changed

    # What has no tool of its own here.
    found = await session.call("clerk_search_operations", query="block an email domain")
    name = "clerk_create_blocklist_identifier"
    assert name in [it["name"] for it in found["operations"]], found
    blocked = await session.call(
        "clerk_run_write", operation=name, arguments={"identifier": "*@spam.example"}
    )
    blocklist = await session.call("clerk_run_read", operation="list_blocklist_identifiers")
    assert [it["id"] for it in blocklist["blocklistIdentifiers"]] == [blocked["id"]], blocklist

    assert (await session.call("clerk_ban_user", userId=user))["banned"] is True
    assert (await session.call("clerk_unban_user", userId=user))["banned"] is False
    assert (await session.call("clerk_lock_user", userId=user))["locked"] is True
    assert (await session.call("clerk_unlock_user", userId=user))["locked"] is False
    merged = await session.call(
        "clerk_update_user_metadata", userId=user, publicMetadata={"ci": {"run": 1}}
    )
    assert merged["publicMetadata"]["ci"] == {"run": 1}, merged

    told = []

    async def progress(done, total, message):
        told.append((done, total))

    counted = await session.call(
        "clerk_run_read", operation="clerk_count_users", arguments={"banned": False}
    )
    found = await session.call("clerk_find_users", progress=progress, banned=False, limit=3)
    assert found["matched"] == counted["totalCount"] and found["complete"], found
    assert len(found["users"]) == 3 and told and told[-1][0] == told[-1][1], told
    groups = await session.call("clerk_find_users", groupBy="month")
    assert sum(it["count"] for it in groups["groups"]) == groups["matched"], groups

    bulk = {"action": "mergeMetadata", "publicMetadata": {"ci": None}, "find": {"metadataPath": "public.ci"}}
    shown = await session.call("clerk_bulk_update", **bulk)
    assert shown["dryRun"] and [it["id"] for it in shown["results"]] == [user], shown
    done = await session.call(
        "clerk_bulk_update", **bulk, selection=shown["selection"], dryRun=False
    )
    assert done["done"] == 1 and done["results"][0]["outcome"] == "done", done

    active = await find_active(session)
    revoked = await session.call(
        "clerk_revoke_user_sessions", userId=active["userId"], dryRun=False
    )
    assert revoked["done"] == revoked["total"] > 0, revoked
    told = await session.call("clerk_investigate_user", userId=active["userId"])
    assert len(json.dumps(told)) < 6000, told
    timeline = await session.call("clerk_case_timeline", userId=active["userId"])
    assert timeline["entries"] and timeline["gaps"], timeline
    explained = await session.call("clerk_explain_sign_in", userId=active["userId"])
    assert explained["userId"] == active["userId"] and explained["checked"], explained
    return user


async def around(client, user):
    """Prompts, resources and completion."""
    prompts = [it.name for it in (await client.list_prompts()).prompts]
    prompt = await client.get_prompt("offboard_user", {"user": user})
    assert user in prompt.messages[0].content.text, prompt
    templates = [it.uri_template for it in (await client.list_resource_templates()).resource_templates]
    for uri in [f"clerk://user/{user}", *(str(it.uri) for it in (await client.list_resources()).resources)]:
        read = (await client.read_resource(uri)).contents[0]
        print(f"  {uri} -> {read.mime_type}, {read.text[:100]!r}")
    assert "clerk://user/{id}" in templates, templates
    guess = await client.complete(
        PromptReference(name="offboard_user"), {"name": "user", "value": user[:12]}
    )
    assert guess.completion.total == 1, guess
    assert client.instructions and len(client.instructions) < 1500, client.instructions
    print(f"  prompts {prompts}, templates {templates}")


async def find_active(session):
    for user in (await session.call("clerk_list_users", limit=25))["users"]:
        page = await session.call("clerk_list_sessions", userId=user["id"], status="active")
        if page["sessions"]:
            return page["sessions"][0]
    raise AssertionError("nobody in the sandbox has an active session")


async def run(mode):
    server = StdioServerParameters(command=BINARY, args=["--sandbox", "--log", "warn"])
    async with Client(server, mode=mode) as client:
        print(f"{mode}: MCP {client.protocol_version}, {client.server_info.name}")
        tools = [tool.name for tool in (await client.list_tools()).tools]
        session = Session(client)
        await story(session)
        await around(client, await people(session))
        missing = set(tools) - session.called
        assert not missing, f"not called: {missing}"
        print(f"{mode}: {len(tools)} tools called, all as promised")


for mode in ("legacy", "auto"):
    asyncio.run(run(mode))
