"""People who sign in: an authorization server from npm, `clerk-mcp http` as the resource server, and the
official clients, from discovery to a refreshed token and to one with more scopes; then the same with opaque tokens.

`oauth.py BINARY` prints what each client saw, and exits with 1 if one of them didn't get what it
should. Needs `mcp` in this Python, and npm.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

from clients import NODE, Failed, expect, explain, find_address, install_node_clients

HERE = Path(__file__).resolve().parent
INSTALLED = HERE.parent / "target" / "oauth"
CALLBACK = "http://127.0.0.1:9/callback"
# The server as a client of the issuer, which asks about opaque tokens.
CLIENT, SECRET = "approvals-page", "secret of a test"
# The lifetime of a token and the leeway of the server, with a second to spare; in seconds.
EXPIRED = 8
# The scope is what clients ask for first; without it they would ask for all that the metadata name.
ALLOW = "org:org_ourco+role:admin+scope:read,org:org_ourco+role:support+scope:read"
POLICY = """
default = "deny"

[[rules]]
name = "all read"
action = "allow"
effects = ["read"]

[[rules]]
name = "a scope to write"
action = "allow"
who = ["role:admin+scope:write", "role:support+scope:write"]
effects = ["write"]
"""


def install():
    """The issuer and the clients of oauth/package.json, by its lock file."""
    install_node_clients()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for file in (HERE / "oauth").iterdir():
        shutil.copy2(file, INSTALLED)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=INSTALLED, check=True, timeout=300)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def issuer(resource, *options):
    """The address of an authorization server that issues tokens for this resource."""
    command = [NODE, "issuer.mjs", resource, *options]
    process = subprocess.Popen(command, cwd=INSTALLED, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if re.fullmatch(r"http://127\.0\.0\.1:\d+\n", line):
                yield line.strip()
                break
        else:
            raise Failed("the authorization server did not start")
    finally:
        process.kill()
        process.wait()


@contextmanager
def server(binary, port, address, *options):
    """`clerk-mcp http` where people sign in at the issuer."""
    log = INSTALLED / "server.log"
    audit = INSTALLED / "audit.jsonl"
    audit.unlink(missing_ok=True)
    policy = INSTALLED / "policy.toml"
    policy.write_text(POLICY)
    command = [
        binary, "http", "--sandbox", "--log", "info", "--audit", str(audit),
        "--listen", f"127.0.0.1:{port}", "--resource", f"http://127.0.0.1:{port}/mcp",
        "--oauth-issuer", address, "--oauth-allow", ALLOW, "--policy", str(policy),
        *options,
    ]
    environment = {**os.environ, "CLERK_MCP_OAUTH_CLIENT_SECRET": SECRET}
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        expect(find_address(process, log), log.read_text())
        yield audit
        text = log.read_text()
        expect("eyJ" not in text and SECRET not in text, "the server's log has a token or a secret in it")
    finally:
        process.kill()
        process.wait()


def refused(request):
    try:
        with urllib.request.urlopen(request) as response:
            raise Failed(f"{request.full_url} is answered with {response.status}")
    except urllib.error.HTTPError as error:
        return error


def challenged(url):
    """Without a token: 401, and where to sign in."""
    error = refused(urllib.request.Request(url, data=b"{}", method="POST"))
    challenge = error.headers["WWW-Authenticate"]
    found = re.search('resource_metadata="([^"]+)"', challenge)
    expect(error.code == 401 and found, f"{error.code} {challenge}")
    with urllib.request.urlopen(found[1]) as response:
        metadata = json.load(response)
    expect(metadata["resource"] == url, f"the metadata is {metadata}")
    return metadata


def node(url, sdk, person, *calls):
    """What a person sees with one of the TypeScript clients."""
    told = json.dumps({"sdk": sdk, "url": url, "person": person, "calls": calls})
    ran = subprocess.run(
        [NODE, "client.mjs", told], cwd=INSTALLED, capture_output=True, text=True, timeout=60
    )
    expect(ran.returncode == 0, ran.stderr)
    return json.loads(ran.stdout)


class Storage:
    """What the Python client keeps of a sign-in."""

    def __init__(self):
        self.tokens = self.client = None
        self.token_responses = 0

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens
        self.token_responses += 1

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


def visit(address, person):
    """Where a browser of this person ends up."""
    script = f"import {{ visit }} from './browser.mjs'; console.log(String(await visit({json.dumps(address)}, {json.dumps(person)}, {json.dumps(CALLBACK)})));"
    command = [NODE, "--input-type=module", "--eval", script]
    ran = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, timeout=30)
    expect(ran.returncode == 0, ran.stderr)
    return httpx2.URL(ran.stdout.strip()).params


async def python(url, person, write):
    """Signs in with the Python client, calls, waits until the token has expired, and calls again; then writes,
    which needs another scope."""
    storage, answer = Storage(), {}

    async def redirect(address):
        answer.clear()
        answer.update(await asyncio.to_thread(visit, address, person))

    async def callback():
        return AuthorizationCodeResult(**{name: answer.get(name) for name in ("code", "state", "iss")})

    metadata = OAuthClientMetadata(
        client_name="A test", redirect_uris=[CALLBACK], token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"], application_type="native", scope="openid read write offline_access",
    )
    auth = OAuthClientProvider(url, metadata, storage, redirect, callback)
    async with httpx2.AsyncClient(auth=auth, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            first = await client.call_tool("clerk_whoami", {})
            await asyncio.sleep(EXPIRED)
            second = await client.call_tool("clerk_whoami", {})
            wrote = await client.call_tool(*write)
            expect(not any(it.is_error for it in (first, second, wrote)), f"{first} {second} {wrote}")
    return storage.token_responses


def shown(line):
    print(f"  {line}", flush=True)


def opaque(binary):
    """The same issuer with opaque tokens, about which the server asks."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    asks = ["--oauth-introspection", "--oauth-client-id", CLIENT]
    with issuer(url, CALLBACK, SECRET, "opaque") as address, server(binary, port, address, *asks):
        seen = node(url, 1, "user_support", ["clerk_whoami", {}])
        expect("error" not in seen and seen["form"] == "opaque", f"{seen}")
        caller = seen["results"][0]["result"]["caller"]
        expect(caller["subject"] == "user_support" and "read" in caller["scopes"], f"{seen}")
        seen = node(url, 2, "user_stranger", ["clerk_whoami", {}])
        expect("403" in seen.get("error", "") or "not allowed" in seen.get("error", ""), f"{seen}")
        shown("opaque tokens: people who are allowed get in by introspection, and others are refused")


def main(binary):
    install()
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    with issuer(url) as address, server(binary, port, address) as audit:
        metadata = challenged(url)
        expect(metadata["authorization_servers"] == [address], f"the metadata is {metadata}")
        shown("without a token: 401, and the metadata names the issuer")

        for sdk in (1, 2):
            seen = node(url, sdk, "user_support", ["clerk_whoami", {}], ["clerk_list_users", {"limit": 1}])
            expect("error" not in seen and seen["tokenResponses"] == 2, f"{seen}")
            expect(not any(result["isError"] for result in seen["results"]), f"{seen}")
            shown(f"TypeScript {sdk}: registered, signed in, called, refreshed the token, called again")
            seen = node(url, sdk, "user_stranger", ["clerk_whoami", {}])
            expect("403" in seen.get("error", "") or "not allowed" in seen.get("error", ""), f"{seen}")
            shown(f"TypeScript {sdk}: somebody who isn't allowed is refused")

        listed = node(url, 1, "user_support", ["clerk_list_users", {"limit": 1}])
        user = listed["results"][0]["result"]["users"][0]["id"]
        write = ["clerk_update_user", {"userId": user, "firstName": "Ada"}]
        responses = asyncio.run(python(url, "user_admin", write))
        expect(responses == 3, f"the Python client was given tokens {responses} times")
        shown("Python: registered, signed in, called, refreshed the token, called again, signed in to write")

        # Version 1 refreshes the token in place of signing in again, which gives no other scopes.
        seen = node(url, 2, "user_support", write)
        expect("error" not in seen and not seen["results"][0]["isError"], f"{seen}")
        expect({"read", "write"} <= set(seen["scope"].split()), f"{seen}")
        shown("TypeScript 2: signed in again for the scope that a write needs, and wrote")

        lines = [json.loads(line) for line in audit.read_text().splitlines()]
        people = {line["principal"]["subject"] for line in lines if line["event"] == "begun"}
        expect(people == {"user_admin", "user_support"}, f"the audit log names {people}")
        shown("the audit log names who wrote")
    opaque(binary)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        print("\n".join(explain(error)))
        sys.exit(1)
