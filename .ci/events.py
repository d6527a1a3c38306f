"""Events, from end to end: a change by one client is seen by another, through signed webhooks.

`events.py BINARY` runs the sandbox behind `clerk-mcp http`, which sends webhooks to itself. For each
transport and era an official Python client subscribes, a second one bans a user, and the first is
told within a second. Then the official `svix` package signs deliveries for our receiver and verifies
those of the sandbox. Needs `mcp` and `svix` in the Python that runs it, and npm.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
import warnings
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from clients import INSTALLED, NODE, install_node_clients
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from svix.webhooks import Webhook

BINARY = sys.argv[1]
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
NEXT_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENV = {**os.environ, "CLERK_WEBHOOK_SIGNING_SECRET": f"{SECRET} {NEXT_SECRET}"}
SECONDS = 20


@contextmanager
def serve(*options, command="http"):
    """A server, and the addresses in the line that it prints: its own, and that for webhooks."""
    arguments = [BINARY, command, "--listen", "127.0.0.1:0", "--log", "error", *options]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=ENV)
    try:
        urls = re.findall(r"http://[0-9.:]+[a-z/]*", process.stdout.readline())
        yield process, [url.rstrip("/") for url in urls]
    finally:
        process.kill()
        process.wait()


def content(result):
    answer = json.loads(result.content[0].text)
    assert not result.is_error, answer
    return answer


# The loop


async def see_a_ban(watching, acting, era):
    """How long after the ban the watching client is told, in seconds; what it then reads."""
    told = asyncio.Event()
    uri = "clerk://events/user.*"

    async def heard(message):
        if getattr(message, "method", "") == "notifications/resources/updated":
            assert str(message.params.uri) == uri, message
            told.set()

    async with Client(acting, mode=era) as actor:
        users = content(await actor.call_tool("clerk_list_users", {"limit": 1}))
        user = users["users"][0]["id"]
        async with Client(watching, mode=era, message_handler=heard) as watcher:
            # What it knows of already, it is not told of.
            content(await watcher.call_tool("clerk_list_events", {"limit": 1}))
            if era == "auto":
                async with watcher.listen(resource_subscriptions=[uri]) as subscription:
                    assert list(subscription.honored.resource_subscriptions) == [uri]
                    began = time.monotonic()
                    content(await actor.call_tool("clerk_ban_user", {"userId": user}))
                    await anext(aiter(subscription))
            else:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    await watcher.subscribe_resource(uri)
                began = time.monotonic()
                content(await actor.call_tool("clerk_ban_user", {"userId": user}))
                await told.wait()
                # What is told while the client hangs up breaks its HTTP+SSE transport.
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    await watcher.unsubscribe_resource(uri)
            took = time.monotonic() - began
            read = await watcher.read_resource(uri)
            latest = json.loads(read.contents[0].text)["events"][0]
            assert latest["type"] == "user.updated" and latest["userId"] == user, latest
            whole = content(await watcher.call_tool("clerk_get_event", {"eventId": latest["id"]}))
            assert whole["payload"]["data"]["banned"] is True, whole
            content(await actor.call_tool("clerk_unban_user", {"userId": user}))
    return took, latest


async def see_by_node(library, target, acting):
    """The same with a TypeScript client that watches: how long after the ban it is told."""
    uri = "clerk://events/user.updated"
    script = [str(NODE), str(INSTALLED / "watch.mjs"), library, json.dumps(target), uri]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    watcher = await asyncio.create_subprocess_exec(*script, **pipes)
    try:
        async with Client(acting) as actor:
            users = content(await actor.call_tool("clerk_list_users", {"limit": 1}))
            user = {"userId": users["users"][0]["id"]}
            assert json.loads(await watcher.stdout.readline()) == {"subscribed": uri}
            await settled(watcher)
            began = time.monotonic()
            content(await actor.call_tool("clerk_ban_user", user))
            assert json.loads(await watcher.stdout.readline()) == {"updated": uri}
            took = time.monotonic() - began
            content(await actor.call_tool("clerk_unban_user", user))
    finally:
        watcher.kill()
        await watcher.wait()
    return took


async def settled(watcher):
    """A notice of what came before may still be on its way, once: it says "read again"."""
    try:
        await asyncio.wait_for(watcher.stdout.readline(), 0.6)
    except TimeoutError:
        pass


async def loops(folder):
    events = f"{folder}/events.db"
    # The client that acts speaks HTTP, since that server receives the webhooks.
    with serve("--sandbox", "--events", events) as (_, [url, _webhooks]):
        stdio = StdioServerParameters(
            command=BINARY, args=["--sandbox", "--events", events, "--log", "error"]
        )
        watching = {
            "stdio": lambda: stdio,
            "streamable HTTP": lambda: f"{url}/mcp",
            "HTTP+SSE": lambda: sse_client(f"{url}/sse"),
        }
        for transport, connect in watching.items():
            for era in ["legacy", "auto"]:
                seeing = see_a_ban(connect(), f"{url}/mcp", era)
                took, latest = await asyncio.wait_for(seeing, SECONDS)
                assert took < 1, f"{transport}, {era}: told after {took:.3f} s"
                print(f"  {transport}, {era}: told after {took * 1000:.0f} ms: {latest['summary']}")
        install_node_clients()
        targets = {
            "stdio": {"command": BINARY, "args": stdio.args},
            "http": {"url": f"{url}/mcp"},
            "sse": {"url": f"{url}/sse"},
        }
        for library in ["typescript-1", "typescript-2"]:
            for transport, target in targets.items():
                for era in ["legacy"] if library == "typescript-1" else ["legacy", "auto"]:
                    target = {**target, "transport": transport, "era": era}
                    took = await asyncio.wait_for(see_by_node(library, target, f"{url}/mcp"), SECONDS)
                    assert took < 1, f"{library}, {transport}, {era}: told after {took:.3f} s"
                    print(f"  {library}, {transport}, {era}: told after {took * 1000:.0f} ms")
        await waits(f"{url}/mcp")


async def waits(url):
    """A wait ends with what happens, goes on from a cursor, tells its progress, can be left."""
    async with Client(url) as client, Client(url) as actor:
        made = {"emailAddress": "nia@example.com", "firstName": "Nia", "skipPasswordRequirement": True}
        waiting = asyncio.create_task(
            client.call_tool("clerk_wait_for_event", {"type": "user.created", "waitSeconds": 10})
        )
        await asyncio.sleep(0.5)
        began = time.monotonic()
        user = content(await actor.call_tool("clerk_create_user", made))["id"]
        first = content(await asyncio.wait_for(waiting, SECONDS))
        assert [it["userId"] for it in first["events"]] == [user], first
        print(f"  waited, seen {(time.monotonic() - began) * 1000:.0f} ms after: {first['events'][0]['summary']}")
        # Between two waits something happens; the cursor has it.
        content(await actor.call_tool("clerk_ban_user", {"userId": user}))
        content(await actor.call_tool("clerk_unban_user", {"userId": user}))
        arguments = {"after": first["cursor"], "userId": user, "waitSeconds": 5}
        seen = []
        while len(seen) < 2:
            more = content(await client.call_tool("clerk_wait_for_event", arguments))
            assert more["events"], f"timed out after {seen}"
            seen += more["events"]
            arguments["after"] = more["cursor"]
        assert [it["changed"] for it in seen] == [["banned: false → true"], ["banned: true → false"]], seen
        told = []

        async def progress(done, total, _message):
            told.append((done, total))

        arguments = {"type": "waitlistEntry.*", "waitSeconds": 6}
        none = await client.call_tool("clerk_wait_for_event", arguments, progress_callback=progress)
        none = content(none)
        assert none["timedOut"] is True and told == [(5.0, 6.0)], (none, told)
        left = asyncio.create_task(client.call_tool("clerk_wait_for_event", {"waitSeconds": 40}))
        await asyncio.sleep(0.3)
        left.cancel()
        listed = content(await client.call_tool("clerk_list_events", {"userId": user}))
        assert listed["totalCount"] == 3 and "payload" not in listed["events"][0], listed
        print(f"  cursor, progress and time-out of waits; {listed['totalCount']} events of {user}")


# Svix, on either side


def post(url, headers, body):
    request = urllib.request.Request(url, body.encode(), {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def signed(secret, body, message=None, at=None):
    message, at = message or f"msg_{uuid.uuid4().hex}", at or datetime.now(timezone.utc)
    return {
        "svix-id": message,
        "svix-timestamp": str(int(at.timestamp())),
        "svix-signature": Webhook(secret).sign(message, at, body),
    }


def receive_from_svix(folder):
    """Deliveries that the official package signs, and what becomes of each."""
    events = f"{folder}/svix.db"
    with serve("--sandbox", "--events", events, "--webhooks-listen", "127.0.0.1:0") as (_, urls):
        main, webhooks = urls
        assert webhooks.endswith("/webhooks/clerk") and not webhooks.startswith(main), urls
        body = json.dumps({"object": "event", "type": "user.created", "data": {"id": "user_1"}})
        now = datetime.now(timezone.utc)
        right = signed(SECRET, body)
        altered = body.replace("user_1", "user_2")
        unsigned = {name: value for name, value in right.items() if name != "svix-signature"}
        both = signed(SECRET, body)
        both["svix-signature"] += " " + Webhook(NEXT_SECRET).sign(both["svix-id"], now, body)
        late, early = (now + timedelta(minutes=minutes) for minutes in [-6, 6])
        standard = {f"webhook-{name[5:]}": value for name, value in signed(SECRET, body).items()}
        cases = [
            ("signed", right, body, 204),
            ("delivered again", right, body, 204),
            ("altered", right, altered, 401),
            ("of another secret", signed("whsec_" + "A" * 32, body), body, 401),
            ("of the next secret", signed(NEXT_SECRET, body), body, 204),
            ("doubly signed", both, body, 204),
            ("late", signed(SECRET, body, at=late), body, 401),
            ("early", signed(SECRET, body, at=early), body, 401),
            ("unsigned", unsigned, body, 400),
            ("by webhook-*", standard, body, 204),
            ("no JSON", signed(SECRET, "x"), "x", 400),
            ("too large", signed(SECRET, "x" * (2 << 20)), "x" * (2 << 20), 413),
            ("of a new type", signed(SECRET, '{"type":"moon.landed"}'), '{"type":"moon.landed"}', 204),
        ]
        for name, headers, text, expected in cases:
            status = post(webhooks, headers, text)
            assert status == expected, f"{name}: {status}, not {expected}"
        for path in ["/", "/mcp", "/healthz", "/webhooks"]:
            status = post(webhooks.replace("/webhooks/clerk", path), right, body)
            assert status == 404, f"{path}: {status} at the address of webhooks"
        assert post(f"{main}/webhooks/clerk", right, body) == 404, "webhooks have their own address"
        tail = [BINARY, "events", "tail", "-n", "20", "--events", events, "--log", "error"]
        lines = read_lines(tail, 5)
        assert len(lines) == 5 and "moon.landed" in lines[-1], lines
        print(f"  {len(cases)} deliveries signed by svix, 5 kept: {lines[-1]}")


def read_lines(command, count):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENV)
    try:
        return [process.stdout.readline().strip() for _ in range(count)]
    finally:
        process.kill()


def deliver_to_svix(folder):
    """What the sandbox sends, and what `events replay` sends, verified by the official package."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            Webhook(SECRET).verify(body, dict(self.headers.items()))
            received.append((self.headers["svix-id"], body.decode()))
            # The first one must come again.
            self.send_response(500 if len(received) == 1 else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    def wait_for(count):
        deadline = time.monotonic() + SECONDS
        while len(received) < count:
            assert time.monotonic() < deadline, f"{len(received)} deliveries"
            time.sleep(0.05)

    with HTTPServer(("127.0.0.1", 0), Handler) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{receiver.server_port}/hook"
        with serve("--webhook-url", url, command="sandbox") as (_, [sandbox]):
            body = json.dumps({"email_address": ["ada@example.com"], "first_name": "Ada"})
            key = {"authorization": "Bearer sk_test_x"}
            assert post(f"{sandbox}/v1/users", key, body) == 200
            wait_for(2)
        [(first, one), (second, same)] = received
        assert first == second and one == same, received
        event = json.loads(one)
        assert event["type"] == "user.created" and event["data"]["first_name"] == "Ada", event
        print(f"  the sandbox delivered {event['type']}, and again after a 500: verified by svix")

        received.clear()
        replay = [BINARY, "events", "replay", "--to", url, "--events", f"{folder}/svix.db"]
        result = subprocess.run(replay, capture_output=True, text=True, env=ENV, timeout=SECONDS)
        assert result.returncode == 1 and "5 sent, 1 not taken" in result.stdout, result
        assert json.loads(received[-1][1])["type"] == "moon.landed", received
        print(f"  replayed: {result.stdout.splitlines()[-1]}")
        receiver.shutdown()


def verify_from_files(folder):
    """`events verify` agrees with svix on a delivery kept in files."""
    headers, body = Path(folder, "headers"), Path(folder, "body")
    body.write_text('{"type":"user.created"}')
    for name, at, secret, code, words in [
        ("fresh", 0, SECRET, 0, "signed and in time"),
        ("old", -600, SECRET, 0, "more than five minutes ago"),
        ("foreign", 0, "whsec_" + "A" * 32, 1, "no signature fits"),
    ]:
        at = datetime.now(timezone.utc) + timedelta(seconds=at)
        lines = [f"{key}: {value}" for key, value in signed(secret, body.read_text(), at=at).items()]
        headers.write_text("\n".join(["POST /webhooks/clerk HTTP/1.1", *lines]))
        verify = [BINARY, "events", "verify", "--headers", headers, "--body", body]
        result = subprocess.run(verify, capture_output=True, text=True, env=ENV, timeout=SECONDS)
        assert (result.returncode, words in result.stdout) == (code, True), (name, result)
        print(f"  verify, {name}: {result.stdout.strip()}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(loops(folder))
        receive_from_svix(folder)
        deliver_to_svix(folder)
        verify_from_files(folder)


main()
