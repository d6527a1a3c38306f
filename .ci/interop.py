"""Every way in: the official clients against `clerk-mcp`, on each transport, in each protocol era.

`interop.py BINARY` prints a table and, if a row fails, why; then it exits with 1. Needs `mcp` in
this Python, and npm. The Node clients, and the Node they need, are those of interop/package.json.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Callable

from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parent / "target" / "interop"
MODULES = INSTALLED / "node_modules"
NODE = MODULES / "node/bin/node"
INSPECTOR = MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"

INSTALL_SECONDS = 300
START_SECONDS = 10
ROW_SECONDS = 20

TOOLS = 12
REVISIONS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
TRANSPORTS = {"stdio": "stdio", "http": "streamable HTTP", "sse": "HTTP+SSE"}


@dataclass
class Row:
    """One row of the table: a client in one era on one transport, and how to run it."""

    client: str
    transport: str
    era: str
    run: Callable[[], dict]
    revision: str = "?"
    failure: str | None = None


class Failed(Exception):
    """Something is not as promised, or did not come."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


# The server


class Server:
    """Where the clients find the server: its binary for stdio, its address for the rest."""

    def __init__(self, binary, address):
        self.binary = binary
        self.address = address

    def url(self, transport):
        expect(self.address, "`clerk-mcp http` did not start: see above")
        return self.address + {"http": "/mcp", "sse": "/sse"}[transport]

    def target(self, transport):
        return self.binary if transport == "stdio" else self.url(transport)


@contextmanager
def serve(binary):
    """Run one `clerk-mcp http` on the sandbox, for all rows that are not stdio."""
    log = INSTALLED / "server.log"
    command = [binary, "http", "--listen", "127.0.0.1:0", "--sandbox", "--log", "warn"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield Server(binary, find_address(process, log))
    finally:
        process.kill()
        process.wait()


def find_address(process, log):
    """The address that the server says it listens on; none, if it does not come up."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text()):
            return found[0]
        time.sleep(0.05)
    print(f"`clerk-mcp http` did not start:\n{log.read_text()}")
    return None


# Processes


def run_process(command, seconds, cwd=None):
    """Run a command to its end; when that does not come in time, end it and all it has started."""
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        raise Failed(f"no end after {seconds} s\n{output}{errors}") from None
    return process.returncode, output, errors


def install_node_clients():
    """Install what interop/package.json pins, unless it is there; the scripts go beside it."""
    shutil.copytree(HERE / "interop", INSTALLED, dirs_exist_ok=True)
    lock = (HERE / "interop" / "package-lock.json").read_text()
    done = INSTALLED / "installed-lock.json"
    if done.exists() and done.read_text() == lock:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    code, output, errors = run_process(command, INSTALL_SECONDS, cwd=INSTALLED)
    expect(code == 0, f"npm ci: {output}{errors}")
    done.write_text(lock)


def pinned(package):
    return json.loads((HERE / "interop" / "package.json").read_text())["dependencies"][package]


# Python


def run_python(server, transport, era):
    return asyncio.run(asyncio.wait_for(tell_story(server, transport, era), ROW_SECONDS))


async def tell_story(server, transport, era):
    """List the tools, read two users, create one, delete it, and look for it in vain."""
    async with Client(python_transport(server, transport), mode=era) as client:
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


def python_transport(server, transport):
    if transport == "stdio":
        return StdioServerParameters(command=server.binary, args=["--sandbox", "--log", "warn"])
    url = server.url(transport)
    return sse_client(url) if transport == "sse" else url


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


def run_script(script, server, transport, *mode):
    """One row with a script of interop/, which tells the same story and prints how it went."""
    command = [NODE, INSTALLED / script, transport, server.target(transport), *mode]
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
        command += [server.binary, "--sandbox", "--log", "warn"]
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
    """All rows. The 1.x library speaks the legacy era only."""
    python = f"Python `mcp` {version('mcp')}"
    typescript_1 = f"TypeScript `sdk` {pinned('@modelcontextprotocol/sdk')}"
    typescript_2 = f"TypeScript `client` {pinned('@modelcontextprotocol/client')}"
    inspector = f"Inspector CLI {pinned('@modelcontextprotocol/inspector')}"
    for transport in TRANSPORTS:
        for era in REVISIONS:
            yield Row(python, transport, era, partial(run_python, server, transport, era))
    for transport in TRANSPORTS:
        run = partial(run_script, "typescript-1.mjs", server, transport)
        yield Row(typescript_1, transport, "legacy", run)
    for transport in TRANSPORTS:
        for era in REVISIONS:
            run = partial(run_script, "typescript-2.mjs", server, transport, era)
            yield Row(typescript_2, transport, era, run)
    for transport in TRANSPORTS:
        for era in REVISIONS:
            yield Row(inspector, transport, era, partial(run_inspector, server, transport, era))


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


def explain(error):
    """What went wrong, one line or more for each error inside the groups that anyio makes."""
    if inner := getattr(error, "exceptions", None):
        return [line for each in inner for line in explain(each)]
    if isinstance(error, asyncio.TimeoutError):
        return [f"no end after {ROW_SECONDS} s"]
    if isinstance(error, Failed):
        return [str(error).strip()]
    return [f"{type(error).__name__}: {error}"]


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
