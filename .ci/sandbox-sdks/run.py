"""Clerk's SDKs against the sandbox: every method, and what a server does with a signed-in request.
The `clerk` CLI's `api` command, and the examples of docs/testing.md.

`run.py BINARY` prints a table and, for each method that fails, why; then it exits with 1. Needs npm.
"""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "target" / "ci-sandbox-sdks"

# The newest that there is, and an old one that is still in use.
PYTHON = ["7.0.0", "2.2.0"]

# The version of the `clerk` package.
CLI = "3.3.0"

# What the example with FastAPI takes.
EXAMPLE = ["fastapi==0.165.0", "pytest==9.2.0"]


def run(*command, **options):
    return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)


def installed(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}:\n{done.stdout}")


def javascript(binary):
    """All versions of @clerk/backend, Express and the CLI. They are installed beside a copy of the
    scripts, which is where Node looks for them."""
    folder = TARGET / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for source in [*HERE.glob("*.mjs"), *HERE.glob("package*.json")]:
        shutil.copy(source, folder)
    installed("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
    cli = folder / "cli"
    cli.mkdir(exist_ok=True)
    # By version only: its programs for other platforms would have to be in the lock file.
    npm = ["npm", "install", "--prefix", cli, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
    installed(*npm, "--prefer-offline", "--loglevel=error", f"clerk@{CLI}")
    example = [sys.executable, HERE / "documented.py", "express", folder / "express", binary]
    return [
        run("node", folder / "walk.mjs", binary),
        run("node", folder / "cli.mjs", binary, cli / "node_modules" / ".bin" / "clerk"),
        run(*example),
    ]


def python(version, binary):
    venv = TARGET / f"python-{version}"
    if not (venv / "bin" / "python").exists():
        installed(sys.executable, "-m", "venv", venv)
    pip = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    is_newest = version == PYTHON[0]
    installed(*pip, f"clerk-backend-api=={version}", *(EXAMPLE if is_newest else []))
    python = venv / "bin" / "python"
    walks = [run(python, "-W", "ignore", HERE / "walk.py", binary)]
    if is_newest:
        walks.append(run(python, HERE / "documented.py", "fastapi", TARGET / "fastapi", binary))
    return walks


def main():
    binary = str(Path(sys.argv[1]).resolve())
    with ThreadPoolExecutor() as pool:
        walks = [pool.submit(javascript, binary), *(pool.submit(python, version, binary) for version in PYTHON)]
        walks = [run for walk in walks for run in walk.result()]
    for walk in walks:
        print(walk.stdout, end="")
    # For those who count.
    counts = [re.findall(r": (\d+) of (\d+) passed", walk.stdout) for walk in walks]
    passed, total = (sum(int(pair[place]) for found in counts for pair in found) for place in (0, 1))
    print(f"{passed} of {total} passed")
    sys.exit(max(walk.returncode for walk in walks))


if __name__ == "__main__":
    main()
