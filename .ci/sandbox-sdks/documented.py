"""The examples of docs/testing.md as they stand there: an application, and its tests.

`documented.py express|fastapi FOLDER BINARY` runs them in the folder, where the libraries that they use are found.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"

# The language of the blocks, their files, the command that runs the tests, and where its output counts them.
EXAMPLES = {
    "express": ("js", ["app.js", "app.test.js"], ["node", "--test", "--test-reporter=tap", "app.test.js"], r"^# (pass|fail) (\d+)"),
    "fastapi": (
        "python",
        ["app.py", "test_app.py"],
        [sys.executable, "-W", "ignore", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py"],
        r"(\d+) (passed|failed|error)",
    ),
}


def start(binary):
    process = subprocess.Popen([binary, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    return process, re.search(r"http://[0-9.:]+", process.stdout.readline()).group()


def main():
    name, folder, binary = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    language, files, command, counts = EXAMPLES[name]
    # The first line of a block names its file.
    blocks = dict(re.findall(rf"```{language}\n(?:#|//) (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL))
    assert list(blocks) == files, list(blocks)
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in blocks.items():
        (folder / file).write_text(text)
    sandbox, url = start(binary)
    try:
        environment = {**os.environ, "CLERK_API_URL": url, "CLERK_TELEMETRY_DISABLED": "1"}
        done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    finally:
        sandbox.terminate()
    found = [sorted(pair) for pair in re.findall(counts, done.stdout, re.MULTILINE)]
    passed = sum(int(number) for number, outcome in found if outcome.startswith("pass"))
    print(f"docs/testing.md, {name}: {passed} of {sum(int(number) for number, _ in found)} passed")
    if done.returncode != 0:
        print(done.stdout, done.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
