"""The official clients and the server they talk to: what interop.py and confirm.py share.

The Node clients, and the Node they need, are those of interop/package.json.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mcp import StdioServerParameters
from mcp.client.sse import sse_client

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parent / "target" / "interop"
MODULES = INSTALLED / "node_modules"
NODE = MODULES / "node/bin/node"

INSTALL_SECONDS = 300
START_SECONDS = 10
ROW_SECONDS = 20

REVISIONS = {"legacy": "2025-11-25", "auto": "2026-07-28"}
TRANSPORTS = {"stdio": "stdio", "http": "streamable HTTP", "sse": "HTTP+SSE"}


class Failed(Exception):
    """Something is not as promised, or did not come."""


def expect(condition, message):
    if not condition:
        raise Failed(message)


def explain(error):
    """What went wrong, one line or more for each error inside the groups that anyio makes."""
    if inner := getattr(error, "exceptions", None):
        return [line for each in inner for line in explain(each)]
    if isinstance(error, asyncio.TimeoutError):
        return [f"no end after {ROW_SECONDS} s"]
    if isinstance(error, Failed):
        return [str(error).strip()]
    return [f"{type(error).__name__}: {error}"]


# The libraries


@dataclass
class Library:
    """An official client library; the Node ones have a module in interop/."""

    title: str
    eras: list[str]
    module: str | None = None


def pinned(package):
    return json.loads((HERE / "interop" / "package.json").read_text())["dependencies"][package]


def libraries():
    """All of them. The 1.x library speaks the legacy era only."""
    typescript_1 = pinned("@modelcontextprotocol/sdk")
    typescript_2 = pinned("@modelcontextprotocol/client")
    return [
        Library(f"Python `mcp` {version('mcp')}", list(REVISIONS)),
        Library(f"TypeScript `sdk` {typescript_1}", ["legacy"], "typescript-1"),
        Library(f"TypeScript `client` {typescript_2}", list(REVISIONS), "typescript-2"),
    ]


def combine(libraries):
    """Each library on each transport in each of its eras."""
    for library in libraries:
        for transport in TRANSPORTS:
            for era in library.eras:
                yield library, transport, era


# The server


class Server:
    """Where the clients find the server: its command for stdio, its address for the rest."""

    def __init__(self, binary, options, address=None):
        self.binary = binary
        self.arguments = ["--sandbox", "--log", "warn", *options]
        self.address = address

    def url(self, transport):
        expect(self.address, "`clerk-mcp http` did not start: see above")
        return self.address + {"http": "/mcp", "sse": "/sse"}[transport]

    def python(self, transport):
        """The transport of the Python client."""
        if transport == "stdio":
            return StdioServerParameters(command=self.binary, args=self.arguments)
        url = self.url(transport)
        return sse_client(url) if transport == "sse" else url

    def node(self, transport, era):
        """The last argument of a script in interop/: the transport and how to get there."""
        if transport == "stdio":
            target = {"command": self.binary, "args": self.arguments}
        else:
            target = {"url": self.url(transport)}
        return json.dumps({"transport": transport, "era": era, **target})


@contextmanager
def serve(binary, *options):
    """Run one `clerk-mcp http` on the sandbox, for all rows that are not stdio."""
    server = Server(binary, options)
    log = INSTALLED / "server.log"
    command = [binary, "http", "--listen", "127.0.0.1:0", *server.arguments]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        server.address = find_address(process, log)
        yield server
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
