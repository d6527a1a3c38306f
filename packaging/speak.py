"""Runs what was built, and speaks MCP to it with the official client."""

import os, subprocess
from pathlib import Path

import tools

PROGRAMS = ["mcp==2.3.0", "uv==0.13.9", "check-jsonschema==0.39.0", "skillsaw==0.22.0", "zizmor==1.32.0"]
# Without the settings of whoever runs the check.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("CLERK_", "SSL_CERT_"))}
ENVIRONMENT["CLERK_MCP_LOG"] = "error"

CLIENT = """
import asyncio, json, os, sys
from mcp import Client, StdioServerParameters
async def speak():
    command, *rest = sys.argv[1:]
    server = StdioServerParameters(command=command, args=rest, env=dict(os.environ))
    async with Client(server) as client:
        tools = await client.list_tools()
        called = await client.call_tool("clerk_list_users", {"limit": 3})
        users = json.loads(called.content[0].text)["users"]
        assert not called.is_error and len(users) == 3, called
        print(f"{len(tools.tools)} tools, {len(users)} users")
asyncio.run(speak())
"""


def venv() -> Path:
    """The folder of the official client, uv and the validators, installed if they aren't there."""
    return tools.environment("check", " ".join(PROGRAMS), *PROGRAMS)


def ran(*command, environment: dict | None = None) -> subprocess.CompletedProcess:
    """A command that has ended, with what it printed."""
    words = [str(part) for part in command]
    environment = {**ENVIRONMENT, **(environment or {})}
    return subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def output(*command, environment: dict | None = None) -> str:
    """What a command prints, which must succeed."""
    ended = ran(*command, environment=environment)
    assert ended.returncode == 0, f"{ended.args}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def speaks(*command, environment: dict | None = None) -> None:
    """A handshake, the list of tools and a call of one, over standard input and output."""
    environment = {"CLERK_MCP_SANDBOX": "true", **(environment or {})}
    print("  " + output(venv() / "python", "-c", CLIENT, *command, environment=environment).strip(), flush=True)
