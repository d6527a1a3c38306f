"""Where things are, and the programs that packaging needs beside the Rust toolchain."""

import hashlib, json, os, platform, shutil, subprocess, sys, tomllib
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
OUT = TARGET / "package"
TARGETS = json.loads((HERE / "targets.json").read_text())
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
# What compiles and packs a release is locked by hashes.
LOCKED = HERE / "locked"
BILL_OF_MATERIALS = "cargo-cyclonedx@0.5.9"


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


def installed(name: str, versions: bytes, install: Callable[[Path], None]) -> Path:
    """A folder of programs with these versions, installed if it isn't there whole."""
    folder = TARGET / "package-programs" / f"{name}-{hashlib.sha256(versions).hexdigest()[:12]}"
    if not (folder / "whole").exists():
        install(fresh(folder))
        (folder / "whole").touch()
    return folder


def environment(name: str, versions: str, *from_pypi: str) -> Path:
    """The folder of the programs from PyPI in a virtual environment."""

    def install(folder: Path) -> None:
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *from_pypi)

    return installed(name, versions.encode(), install) / "bin"


def zigbuild() -> Path:
    """The folder of cargo-zigbuild, with Zig."""
    file = LOCKED / "requirements.txt"
    return environment("zigbuild", file.read_text(), "--require-hashes", "--requirement", str(file))


def bundler() -> Path:
    """The official tool that validates and packs bundles."""

    def install(folder: Path) -> None:
        for file in ("package.json", "package-lock.json"):
            shutil.copy2(LOCKED / file, folder)
        run("npm", "ci", "--silent", "--ignore-scripts", cwd=folder)

    lock = (LOCKED / "package-lock.json").read_bytes()
    return installed("bundler", lock, install) / "node_modules" / ".bin" / "mcpb"


def cyclonedx() -> Path:
    """The program that lists the crates in a binary."""

    def install(folder: Path) -> None:
        run("cargo", "install", "--quiet", "--locked", "--root", folder, BILL_OF_MATERIALS)

    return installed("cyclonedx", BILL_OF_MATERIALS.encode(), install) / "bin" / "cargo-cyclonedx"
