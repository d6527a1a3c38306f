"""The data of a sandbox, read without the server under test, and how tasks are written."""

import calendar
import json
import os
import random
import string
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

BINARY = os.environ.get("CLERK_MCP", "target/debug/clerk-mcp")
EVALS = Path(__file__).parent.parent


class Sandbox:
    """All data that a task starts with."""

    def __init__(self, users, seed):
        self.size, self.seed = users, seed
        with self.running():
            self.users = [self.get(f"/users/{it['id']}") for it in self.all("/users?")]
            self.orgs = self.all("/organizations?include_members_count=true&")
            self.members = {
                it["id"]: self.all(f"/organizations/{it['id']}/memberships?") for it in self.orgs
            }
            self.templates = self.all("/jwt_templates?")
            self.permissions = self.all("/organization_permissions?")
            self.sessions = {it["id"]: self.all(f"/sessions?user_id={it['id']}&") for it in self.users}
        self.by_id = {it["id"]: it for it in self.users}

    @contextmanager
    def running(self):
        command = [BINARY, "sandbox", "--listen", "127.0.0.1:0", "--log", "off"]
        command += ["--users", str(self.size), "--seed", str(self.seed)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            words = process.stdout.readline().split()
            self.url = next(it for it in words if it.startswith("http")).rstrip("/")
            yield
        finally:
            process.terminate()
            process.wait()

    def after(self, setup):
        """The responses to a task's setup requests, in their order: new objects have the same IDs."""
        with self.running():
            return [self.get(path, method, body) for method, path, body in setup]

    def get(self, path, method="GET", body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/v1{path}", data, method=method)
        request.add_header("Authorization", "Bearer sk_test_sandbox")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def all(self, path):
        rows = []
        while True:
            page = self.get(f"{path}limit=500&offset={len(rows)}")
            page = page["data"] if isinstance(page, dict) else page
            rows += page
            if len(page) < 500:
                return rows

    def one(self, fits):
        """The newest user that fits and whose name nobody else has."""
        names = [name(it) for it in self.users]
        return next(it for it in self.users if names.count(name(it)) == 1 and email(it) and fits(it))

    def some(self, fits):
        return [it for it in self.users if fits(it)]

    def orgs_of(self, user):
        """The memberships of a user."""
        rows = [it for rows in self.members.values() for it in rows]
        return [it for it in rows if it["public_user_data"]["user_id"] == user["id"]]

    def alive(self, user):
        return [it for it in self.sessions[user["id"]] if it["status"] in ("active", "pending")]


def email(user):
    all_of = {it["id"]: it["email_address"] for it in user["email_addresses"]}
    return all_of.get(user["primary_email_address_id"])


def domain(user):
    return (email(user) or "@").split("@")[1]


def name(user):
    return f"{user['first_name']} {user['last_name']}"


def ids(rows):
    return [it["id"] for it in rows]


def made_id(prefix, seed):
    """An ID in Clerk's form that says nothing about its object."""
    characters = random.Random(f"{prefix} {seed}").choices(string.ascii_letters + string.digits, k=26)
    return f"{prefix}_2{''.join(characters)}"


def key_id(seed):
    """The ID of an API key in Clerk's form: 32 hexadecimal digits, unlike its secret."""
    return f"ak_{random.Random(f'ak {seed}').getrandbits(128):032x}"


def by_path(above, rows):
    """Objects for a task's extras, each at its ID below a path."""
    return {f"{above}/{it['id']}": it for it in rows}


def day(milliseconds):
    return time.strftime("%Y-%m-%d", time.gmtime(milliseconds / 1000))


def at(text):
    """The start of a day in UTC, in Unix milliseconds."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%d")) * 1000


def got(call, pointer):
    """A placeholder for a value in the result of an earlier call."""
    return {"$from": [call, pointer]}


def exactly(pattern, values):
    return {"exactly": {"pattern": pattern, "values": values}}


def users(rows):
    """The answer has the IDs of these users, and of nobody else."""
    return exactly(r"\buser_\w+", ids(rows))


def fields(of, *names):
    return {"fields": {"of": of, "names": list(names)}}


def solution(calls, answer):
    return {"calls": [{"name": it, "arguments": arguments} for it, arguments in calls], "answer": answer}


class File:
    """A file of tasks, and the file of their solutions."""

    def __init__(self, stem, persona):
        self.stem, self.persona = stem, persona
        self.tasks, self.solutions = [], {}

    def task(self, sandbox, id, words, checks, calls, answer, setup=(), extras=None, incidents=False,
             plain=None, **more):
        begin = {"users": sandbox.size, "seed": sandbox.seed}
        if incidents:
            begin["incidents"] = True
        if setup:
            begin["setup"] = [dict(zip(("method", "path", "body"), it)) for it in setup]
        if extras:
            begin["extras"] = extras
        task = {"id": id, "persona": self.persona, "words": words, "sandbox": begin}
        self.tasks.append({**task, "answer": checks, **more})
        self.solutions[id] = solution(calls, answer)
        if plain:
            self.solutions[id]["plain"] = solution(*plain)

    def write(self):
        for folder, value in (("tasks", self.tasks), ("solutions", self.solutions)):
            text = json.dumps(value, ensure_ascii=False, indent=2)
            (EVALS / folder / f"{self.stem}.json").write_text(text + "\n")
