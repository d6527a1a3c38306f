"""Where things are, and the programs that packaging needs beside the Rust toolchain."""

import hashlib, json, os, platform, shutil, subprocess, sys, tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
OUT = TARGET / "package"
TARGETS = json.loads((HERE / "targets.json").read_text())
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
# Programs from PyPI and npm, with the versions that were tried.
PYTHON = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"]
BUNDLER = "@anthropic-ai/mcpb@2.1.2"


def run(*command, quiet: bool = False, **options) -> None:
    """Runs a command; ends the build if it fails."""
    out = subprocess.DEVNULL if quiet else None
    subprocess.run([str(part) for part in command], check=True, stdout=out, **options)


def fresh(folder: Path) -> Path:
    """An empty folder in this place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def host() -> str:
    """The triple that this machine runs."""
    cpu = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}[platform.machine()]
    system = {"Linux": "unknown-linux-musl", "Darwin": "apple-darwin", "Windows": "pc-windows-gnu"}[platform.system()]
    return f"{cpu}-{system}"


def chosen(all_of_them: bool, triples: list[str] | None) -> list[dict]:
    """The targets to build: all, those that are named, or the host's."""
    wanted = triples or ([target["triple"] for target in TARGETS] if all_of_them else [host()])
    known = {target["triple"]: target for target in TARGETS}
    unknown = [triple for triple in wanted if triple not in known]
    if unknown:
        sys.exit(f"{unknown[0]} isn't a target of packaging/targets.json; there are {', '.join(known)}")
    return [known[triple] for triple in wanted]


def python_tools() -> Path:
    """The folder of the programs from PyPI, installed if they aren't there."""
    venv = TARGET / "package-tools"
    if not (venv / "bin" / "cargo-zigbuild").exists():
        run(sys.executable, "-m", "venv", venv)
        run(venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON)
    return venv / "bin"


def bundler() -> Path:
    """The official tool that validates and packs bundles."""
    folder = TARGET / "package-npm"
    program = folder / "node_modules" / ".bin" / "mcpb"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run("npm", "install", "--silent", "--no-save", "--prefix", folder, BUNDLER)
    return program
