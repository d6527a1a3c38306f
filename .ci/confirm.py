"""Consent to destructive calls, with each official client, on each transport, in each era.

`confirm.py BINARY` prints a table and, if a row fails, why; then it exits with 1. Run it after
interop.py, or alone: it installs what it needs, too.
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager

import mcp.types as types
from mcp import Client

from clients import (
    INSTALLED,
    NODE,
    REVISIONS,
    ROW_SECONDS,
    TRANSPORTS,
    combine,
    expect,
    explain,
    install_node_clients,
    libraries,
    serve,
)

ADMIN = "user_2iZL4AiYBf2Chq6SQe0s4mdp6A3"
OTHER = "user_2wv0lKDJA1GZigipmv15faFHFqd"
# What the person must be told of the deletion of ADMIN.
EFFECT = ["Sabine Müller", "sabine.mueller@inbox.example.net", "1 active session", "Northwind Robotics"]


def outcome(result):
    """The text of a result as JSON, which every result of ours is, and whether it is an error."""
    return json.loads(result["content"][0]["text"]), bool(result.get("isError"))


class Python:
    def __init__(self):
        self.answer, self.questions, self.client = None, [], None

    async def elicit(self, _, params):
        self.questions.append(params.message)
        return types.ElicitResult(**self.answer)

    async def call(self, tool, arguments, answer=None):
        self.answer, self.questions = answer, []
        result = await self.client.call_tool(tool, arguments)
        result = result.model_dump(mode="json", by_alias=True)
        return *outcome(result), self.questions


class Node:
    def __init__(self, process):
        self.process = process

    async def line(self):
        line = await self.process.stdout.readline()
        if not line:
            errors = (await self.process.stderr.read()).decode()
            expect(False, f"the client ended: {errors}")
        return json.loads(line)

    async def call(self, tool, arguments, answer=None):
        call = {"tool": tool, "arguments": arguments, "answer": answer}
        self.process.stdin.write((json.dumps(call) + "\n").encode())
        await self.process.stdin.drain()
        line = await self.line()
        return *outcome(line["result"]), [it["message"] for it in line["questions"]]


@asynccontextmanager
async def connect(server, library, transport, era, elicits):
    """A connected client, which answers questions if it elicits."""
    if library.module is None:
        person = Python()
        options = {"elicitation_callback": person.elicit} if elicits else {}
        async with Client(server.python(transport), mode=era, **options) as client:
            expect(client.protocol_version == REVISIONS[era], client.protocol_version)
            await client.list_tools()
            person.client = client
            yield person
        return
    command = [NODE, INSTALLED / "drive.mjs", library.module, server.node(transport, era)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *map(str, command), *(["elicits"] if elicits else []), stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        person = Node(process)
        revision = (await person.line())["revision"]
        expect(revision == REVISIONS[era], f"it speaks {revision}")
        yield person
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def refused(person, code, arguments, answer=None):
    """A deletion that is refused with this code; what the person was asked."""
    text, is_error, questions = await person.call("clerk_delete_user", arguments, answer)
    expect(is_error and text["error"]["code"] == code, f"not {code}: {text}")
    still = await person.call("clerk_get_user", {"userId": arguments["userId"]})
    expect(not still[1], f"gone all the same: {still[0]}")
    return questions


async def deleted(person, arguments, answer=None):
    text, is_error, questions = await person.call("clerk_delete_user", arguments, answer)
    expect(not is_error and text.get("deleted") is True, f"not deleted: {text}")
    return questions


async def asked(binary, library, transport, era):
    """The person declines, leaves the box empty, closes the question; then agrees."""
    with serve(binary, "--confirm", "ask") as server:
        async with connect(server, library, transport, era, True) as person:
            arguments = {"userId": ADMIN}
            for answer in [
                {"action": "decline"},
                {"action": "cancel"},
                {"action": "accept", "content": {"confirm": False}},
            ]:
                questions = await refused(person, "not_confirmed", arguments, answer)
                expect(len(questions) == 1, f"{len(questions)} questions")
                missing = [it for it in EFFECT if it not in questions[0]]
                expect(not missing, f"the question lacks {missing}: {questions[0]}")
            agreed = {"action": "accept", "content": {"confirm": True}}
            expect(len(await deleted(person, arguments, agreed)) == 1, "not asked once")
        async with connect(server, library, transport, era, False) as person:
            await refused(person, "confirmation_impossible", {"userId": OTHER})


async def planned(binary, library, transport, era):
    """A plan's token does what was planned, once, and nothing else."""
    with serve(binary, "--confirm", "plan") as server:
        async with connect(server, library, transport, era, False) as person:
            arguments = {"userId": ADMIN}
            text, is_error, _ = await person.call("clerk_delete_user", arguments)
            expect(not is_error and "success" not in text and "plan" in text, f"no plan: {text}")
            token, effect = text["plan"]["token"], text["plan"]["effect"]
            missing = [it for it in EFFECT if it not in effect]
            expect(not missing, f"the plan lacks {missing}: {effect}")
            middle = len(token) // 2
            letter = "A" if token[middle] != "A" else "B"
            altered = token[:middle] + letter + token[middle + 1 :]
            await refused(person, "confirmation_invalid", {**arguments, "planToken": altered})
            await refused(person, "confirmation_invalid", {"userId": OTHER, "planToken": token})
            await deleted(person, {**arguments, "planToken": token})
            itself = await person.call("clerk_whoami", {})
            expect(itself[0]["confirmation"] == "two calls, with a plan", itself[0])


async def row(binary, *combination):
    try:
        async with asyncio.timeout(2 * ROW_SECONDS):
            await asked(binary, *combination)
            await planned(binary, *combination)
    except Exception as error:  # noqa: BLE001: whatever it is, it is this row's
        return explain(error)
    return []


async def main(binary):
    install_node_clients()
    failures = []
    print("| client | transport | revision | asked, planned |\n|---|---|---|---|")
    for library, transport, era in combine(libraries()):
        problems = await row(binary, library, transport, era)
        name = f"{library.title}, {era}"
        word = "no" if problems else "yes"
        print(f"| {name} | {TRANSPORTS[transport]} | {REVISIONS[era]} | {word} |", flush=True)
        failures += [f"{name}, {transport}: {problem}" for problem in problems]
    print(*failures, sep="\n")
    return 1 if failures else 0


sys.exit(asyncio.run(main(sys.argv[1])))
