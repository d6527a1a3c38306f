"""Every way in: the official clients against `clerk-mcp`, on each transport, in each protocol era.

`interop.py BINARY` prints a table and, if a row fails, why; then it exits with 1. Needs `mcp` in
this Python, and npm.
"""

import asyncio
import json
import sys
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable

from mcp import Client

from clients import (
    INSTALLED,
    MODULES,
    NODE,
    REVISIONS,
    ROW_SECONDS,
    TRANSPORTS,
    Library,
    combine,
    expect,
    explain,
    install_node_clients,
    libraries,
    pinned,
    run_process,
    serve,
)

INSPECTOR = MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"

TOOLS = 33


@dataclass
class Row:
    """One row of the table: a client in one era on one transport, and how to run it."""

    client: str
    transport: str
    era: str
    run: Callable[[], dict]
    revision: str = "?"
    failure: str | None = None


# Python


def run_python(server, transport, era):
    return asyncio.run(asyncio.wait_for(tell_story(server, transport, era), ROW_SECONDS))


async def tell_story(server, transport, era):
    """List the tools, read two users, create one, delete it, and look for it in vain."""
    async with Client(server.python(transport), mode=era) as client:
        tools = (await client.list_tools()).tools

        page = await call(client, "clerk_list_users", limit=3)
        expect(len(page["users"]) == 3, "clerk_list_users: the page has not the size asked for")
        expect(page["totalCount"] >= 25, f"clerk_list_users: totalCount is {page['totalCount']}")
        user = await call(client, "clerk_get_user", userId=page["users"][0]["id"])
        expect(user["id"] == page["users"][0]["id"], "clerk_get_user: another user")

        email = f"{uuid.uuid4()}@example.com"
        created = await call(client, "clerk_create_user", emailAddress=email)
        deleted = await call(client, "clerk_delete_user", userId=created["id"])
        expect(deleted["deleted"] is True, "clerk_delete_user: not deleted")
        await call_in_vain(client, "clerk_get_user", userId=created["id"])

        return {"tools": len(tools), "revision": client.protocol_version}


async def call(client, tool, **arguments):
    """A call that succeeds; its structured content, which the client has validated."""
    result = await client.call_tool(tool, arguments)
    text = json.loads(result.content[0].text)
    expect(not result.is_error, f"{tool}: {text}")
    expect(result.structured_content == text, f"{tool}: text and structure differ")
    return text


async def call_in_vain(client, tool, **arguments):
    """A call that fails, as a result that the agent can read."""
    result = await client.call_tool(tool, arguments)
    expect(result.is_error is True, f"{tool}: no isError, though nothing has that id")
    check_not_found(result.content[0].text)


def check_not_found(text):
    code = json.loads(text)["error"]["code"]
    expect(code == "resource_not_found", f"the error's code is {code}: {text}")


# TypeScript


def run_script(module, server, transport, era):
    """One row with a library in Node, to which story.mjs tells the same story."""
    command = [NODE, INSTALLED / "story.mjs", module, server.node(transport, era)]
    code, output, errors = run_process(command, ROW_SECONDS)
    expect(code == 0, errors or output)
    return json.loads(output)


# The Inspector


def run_inspector(server, transport, era):
    """The Inspector's CLI, one process a method: on stdio each has a sandbox of its own."""
    inspect = partial(inspect_method, server, transport, era)
    revision = inspect("initialize")["protocolVersion"]
    tools = inspect("tools/list", "--strict")["tools"]

    page = inspect_call(inspect, "clerk_list_users", limit=3)
    expect(len(page["users"]) == 3, "clerk_list_users: the page has not the size asked for")
    user = inspect_call(inspect, "clerk_get_user", userId=page["users"][0]["id"])
    expect(user["id"] == page["users"][0]["id"], "clerk_get_user: another user")
    inspect_call_in_vain(inspect, "clerk_get_user", userId="user_nobody")

    return {"tools": len(tools), "revision": revision}


def inspect_method(server, transport, era, method, *options, code=0):
    """What the server answers; `code` is the exit code that the CLI is to have."""
    command = [NODE, INSPECTOR, "--cli", "--quiet", "--format", "json"]
    command += ["--protocol-era", era, "--method", method, *options]
    if transport == "stdio":
        command += [server.binary, *server.arguments]
    else:
        command += ["--transport", transport, "--server-url", server.url(transport)]
    actual, output, errors = run_process(command, ROW_SECONDS)
    expect(actual == code, f"{method}: exit code {actual}, not {code}: {errors}")
    return json.loads(output)["result"]


def inspect_call(inspect, tool, **arguments):
    result = inspect("tools/call", *call_options(tool, arguments))
    return result["structuredContent"]


def inspect_call_in_vain(inspect, tool, **arguments):
    """A call that fails as a result, for which the CLI exits with 5."""
    result = inspect("tools/call", *call_options(tool, arguments), code=5)
    expect(result["isError"] is True, f"{tool}: no isError, though nothing has that id")
    check_not_found(result["content"][0]["text"])


def call_options(tool, arguments):
    return ["--tool-name", tool, "--tool-args-json", json.dumps(arguments)]


# The table


def plan_rows(server):
    """All rows: the libraries, and the Inspector."""
    inspector = f"Inspector CLI {pinned('@modelcontextprotocol/inspector')}"
    runs = {None: run_python, "inspector": run_inspector}
    inspector = Library(inspector, list(REVISIONS), "inspector")
    for client, transport, era in combine([*libraries(), inspector]):
        run = runs.get(client.module) or partial(run_script, client.module)
        yield Row(client.title, transport, era, partial(run, server, transport, era))


def run_row(row):
    """Run the row and note how it went; nothing that goes wrong in it ends the run."""
    try:
        outcome = row.run()
        row.revision = outcome["revision"]
        expect(row.revision == REVISIONS[row.era], f"spoke {row.revision}")
        expect(outcome["tools"] == TOOLS, f"tools/list has {outcome['tools']} tools, not {TOOLS}")
    except Exception as error:
        row.failure = "\n".join(explain(error))
    return row


def print_table(rows):
    print("\n| client | transport | revision spoken | outcome |\n|---|---|---|---|")
    for row in rows:
        outcome = "no" if row.failure else "yes"
        transport = TRANSPORTS[row.transport]
        print(f"| {row.client}, {row.era} | {transport} | {row.revision} | {outcome} |")


def print_failures(rows):
    for row in rows:
        if row.failure:
            print(f"\n{row.client}, {row.era}, {TRANSPORTS[row.transport]}: {row.failure}")


def main():
    binary = str(Path(sys.argv[1]).resolve())
    install_node_clients()
    with serve(binary) as server:
        rows = [run_row(row) for row in plan_rows(server)]
    print_table(rows)
    print_failures(rows)
    sys.exit(any(row.failure for row in rows))


main()
