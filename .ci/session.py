"""A session of an agent with the official Python client: the release binary on its sandbox.

Calls every tool, in each protocol era that the client speaks, and checks what comes back.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters

BINARY = sys.argv[1]


class Session:
    def __init__(self, client):
        self.client = client
        self.called = set()

    async def call(self, tool, **arguments):
        """A call that succeeds; its structured content, which the client has validated."""
        self.called.add(tool)
        result = await self.client.call_tool(tool, arguments)
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
    assert itself["instanceKind"] == "test" and itself["off"] == [], itself

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
    assert deleted == {"id": user, "object": "user", "deleted": True, "success": True}, deleted
    error = await session.error("clerk_get_user", userId=user)
    assert error["status"] == 404 and "clerk_list_users" in error["hint"], error

    error = await session.error("clerk_list_users", limit=501, emial="x")
    assert {it["param"] for it in error["errors"]} == {"limit", "emial"}, error
    error = await session.error("clerk_delete_user", userId="../organizations/org_1")
    assert error["code"] == "invalid_arguments", error


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
        missing = set(tools) - session.called
        assert not missing, f"not called: {missing}"
        print(f"{mode}: {len(tools)} tools called, all as promised")


for mode in ("legacy", "auto"):
    asyncio.run(run(mode))
