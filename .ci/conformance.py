"""The official MCP conformance suite: `.ci/conformance.py PLAIN_BINARY [CONFORMANCE_BINARY]`.

The plain binary, as it is released, runs every scenario of both revisions: what fails for want of
the suite's own tools, prompts and resources stands in conformance-plain.yml with the reason;
nothing else may fail, and what stands there must. The binary with the feature `conformance` has
those fixtures and must pass all of it, and the frozen sets of required scenarios too. A warning
counts as a failure there. Needs npx, which downloads Node 24 and the suite.
"""

import argparse
import json
import pathlib
import re
import selectors
import shlex
import subprocess
import sys
import tempfile

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
NPX = ["npx", "-y", "-p", "node@24", "-p", SUITE, "conformance", "server"]
START = "http --listen 127.0.0.1:0 --sandbox"
REVISIONS = ["2025-11-25", "2026-07-28"]
BASELINE = pathlib.Path(__file__).with_name("conformance-plain.yml")
START_SECONDS, STOP_SECONDS, SUITE_SECONDS = 20, 10, 300


class Server:
    """The binary on a free port, with its built-in Clerk."""

    def __init__(self, binary, arguments):
        command = [binary, *shlex.split(arguments)]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        try:
            self.url = self._url() + "/mcp"
        except Exception:
            self.__exit__()
            raise

    def _url(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            line = self.process.stdout.readline() if selector.select(START_SECONDS) else ""
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if not found:
            self.log.seek(0)
            print(self.log.read())
            raise RuntimeError(f"{self.process.args} does not say where it listens: {line!r}")
        return found.group()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(url, revision, baseline, required, directory):
    """One run of the suite: its exit code, what it printed, and the checks by scenario."""
    which = ["--requirements", revision]
    if not required:
        which = ["--suite", "all", "--spec-version", revision, "--expected-failures", str(baseline)]
    command = [*NPX, "--url", url, *which, "-o", str(directory)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SUITE_SECONDS
    )
    scenarios = {}
    for file in sorted(pathlib.Path(directory).glob("*/checks.json")):
        name = re.sub(r"^server-(.+)-\d{4}-\d\d-\d\dT.*$", r"\1", file.parent.name)
        scenarios[name] = [it for it in json.loads(file.read_text()) if it["status"] != "INFO"]
    return done.returncode, done.stdout, scenarios


def unscored(printed):
    """The scenarios that a frozen set runs for information, such as those of extensions."""
    return set(re.findall(r"^  \S+ (\S+) \([\w-]+\)$", printed, re.MULTILINE))


def fails(checks):
    return [it for it in checks if it["status"] in ("FAILURE", "WARNING")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("plain")
    parser.add_argument("conformance", nargs="?")
    parser.add_argument("--start", default=START, help="the arguments to start a binary with")
    options = parser.parse_args()

    rows, met, wrong = [], set(), False
    for build, binary in [("plain", options.plain), ("conformance", options.conformance)]:
        if binary is None:
            continue
        sets = [False] if build == "plain" else [False, True]
        with tempfile.TemporaryDirectory() as directory, Server(binary, options.start) as server:
            none = pathlib.Path(directory, "none.yml")
            none.write_text("server: []\n")
            baseline = BASELINE if build == "plain" else none
            for revision, required in [(it, that) for it in REVISIONS for that in sets]:
                results = pathlib.Path(directory, f"{revision}-{required}")
                code, printed, scenarios = run(server.url, revision, baseline, required, results)
                for name in unscored(printed) if required else ():
                    scenarios.pop(name, None)
                checks = [it for checks in scenarios.values() for it in checks]
                passed = sum(not fails(it) for it in scenarios.values())
                succeeded = sum(it["status"] == "SUCCESS" for it in checks)
                counted = sum(it["status"] != "SKIPPED" for it in checks)
                expected = re.findall(r"^  ~ (\S+)$", printed, re.MULTILINE)
                met.update(expected)
                rows.append(
                    f"| {build}{', required set' if required else ''} | {revision} "
                    f"| {passed}/{len(scenarios)} | {succeeded}/{counted} | {len(expected)} |"
                )
                if code != 0 or not scenarios:
                    wrong = True
                    print(f"{build}, {revision}: exit code {code}")
                    verdict = re.search(r"(Stale baseline|Unexpected failures).*", printed, re.DOTALL)
                    print(verdict.group() if verdict else printed[-4000:])
                    for name, checks in scenarios.items():
                        for it in fails(checks):
                            if {name, f"{name}:{it['id']}"} & set(expected):
                                continue
                            text = it.get("errorMessage") or it["description"]
                            print(f"  {name}:{it['id']}: {it['status']}: {text}")

    # The suite finds an entry that passes, but not one whose scenario is not run at all.
    entries = set(re.findall(r"^ *- (\S+)", BASELINE.read_text(), re.MULTILINE))
    for entry in sorted(entries - met):
        wrong = True
        print(f"{BASELINE.name}: {entry} does not fail in any revision")

    print("| build | revision | scenarios passed | checks | expected failures |")
    print("|---|---|---|---|---|")
    print("\n".join(rows))
    sys.exit(wrong)


if __name__ == "__main__":
    main()
