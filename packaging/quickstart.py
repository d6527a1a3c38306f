"""Runs the lines that README.md and docs/install.md tell users to run, as they are written, and prints
how long each takes. The packages come from this machine, so the time to download them isn't in it."""

import json, os, re, shlex, shutil, stat, time
from pathlib import Path

import indexes, tools
from speak import output, ran, speaks, venv

# All that is in the root: no compiler, no Python, no clerk-mcp.
PROGRAMS = "cat chmod curl env grep gzip mkdir mktemp mv node rm sed sh sha256sum tar uname".split()


def lines() -> list[str]:
    """What the two pages say to run that needs Node, uv or curl alone: as lines of a block, or in backticks."""
    text = "\n".join((tools.ROOT / name).read_text() for name in ("README.md", "docs/install.md"))
    found = re.findall(r"(?:^|`)((?:npx|uvx|curl) [^`\n]+)", text, re.M)
    assert found, text
    return list(dict.fromkeys(line.replace(r"\|", "|") for line in found))


def bare_root(folder: Path) -> Path:
    """A root with the programs that a container with Node has, and nothing else."""
    root = folder / "root"
    for place in ("usr/bin", "usr/lib/node_modules", "root", "tmp", "dev", "etc", "proc"):
        (root / place).mkdir(parents=True)
    for name in PROGRAMS:
        program = Path(shutil.which(name)).resolve()
        shutil.copy2(program, root / "usr/bin" / name)
        for library in re.findall(r"(/\S+) \(0x", ran("ldd", program).stdout):
            to = root / library.lstrip("/")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, to)
    npm = Path(shutil.which("npx")).resolve().parent.parent
    shutil.copytree(npm, root / "usr/lib/node_modules/npm", symlinks=True)
    (root / "usr/bin/npx").symlink_to("../lib/node_modules/npm/bin/npx-cli.js")
    (root / "bin").symlink_to("usr/bin")
    os.mknod(root / "dev/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    return root


def stopwatch(folder: Path) -> None:
    """Each line in an empty home folder, and then a handshake with what it started or installed."""
    index, pages = f"http://127.0.0.1:{indexes.serve(tls=False)}", indexes.serve(tls=True)
    settings = {
        "CLERK_MCP_LOG": "error", "npm_config_registry": f"{index}/npm/",
        "UV_DEFAULT_INDEX": f"{index}/simple", "UV_PYTHON_DOWNLOADS": "never",
    }
    root = bare_root(folder)
    # As in a container. `init` finds its own program there.
    tools.run("mount", "-t", "proc", "proc", root / "proc")
    try:
        for number, line in enumerate(lines()):
            # uv needs a Python, which the root doesn't have.
            inside = not line.startswith("uvx ")
            home = Path("/root") / str(number) if inside else folder / str(number)
            seen = root / home.relative_to("/") if inside else home
            seen.mkdir()
            # For a line that downloads from github.com.
            (seen / ".curlrc").write_text(f'connect-to = "github.com:443:localhost:{pages}"\ninsecure\n')
            path = "/usr/bin" if inside else f"{venv()}:{os.environ['PATH']}"
            variables = [f"{name}={value}" for name, value in {**settings, "HOME": home, "PATH": path}.items()]
            enter = [*(["chroot", root] if inside else []), "env", "-i", *variables, "sh", "-c"]
            print(f"  $ {line}", flush=True)
            began = time.monotonic()
            for command in started_by(enter, line, seen, home):
                speaks(*enter, command)
            print(f"  {time.monotonic() - began:.1f} s", flush=True)
    finally:
        tools.run("umount", "--lazy", root / "proc")


def started_by(enter: list, line: str, seen: Path, home: Path) -> list[str]:
    """The commands that start a server on the sandbox once the line has run: none if it calls a tool or looks at the setup."""
    if " call " in line:
        assert json.loads(output(*enter, line))["users"], line
        return []
    if line.endswith(" doctor"):
        output(*enter, f"CLERK_MCP_SANDBOX=true {line}")
        return []
    if " init" in line:
        # In place of the answers that a person gives.
        output(*enter, line if "--yes" in line else f"{line} --sandbox --yes --client cursor")
        servers = json.loads((seen / ".cursor/mcp.json").read_text())["mcpServers"]
        assert servers, line
        return [configured(server) for server in servers.values()]
    if line.endswith("| sh"):
        output(*enter, line)
        line = f"{home}/.local/bin/clerk-mcp"
    return [f"CLERK_MCP_SANDBOX=true {line}"]


def configured(server: dict) -> str:
    """The command of a server in a client's configuration."""
    variables = [f"{name}={value}" for name, value in server.get("env", {}).items()]
    return shlex.join(["env", *variables, server["command"], *server.get("args", [])])
