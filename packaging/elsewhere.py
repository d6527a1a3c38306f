"""Runs the binaries of other platforms as far as this machine can: Linux arm64 by qemu, Windows by
wine. Nothing here runs macOS: its binaries are read."""

import hashlib, json, re, shutil, struct, subprocess, sys
from pathlib import Path
from urllib.request import urlopen

import tools
from speak import output, ran, speaks

KEY = {"CLERK_SECRET_KEY": "sk_test_" + "x" * 40}
AUTHORITY = tools.ROOT / "tests/it/hints/authority.pem"
# Debian 12's wine has no such library, from which Rust's standard library takes random numbers.
RANDOM_NUMBERS = """
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }
"""


def emulator(target: dict) -> list[str]:
    """The command that runs this platform's programs here: none for the machine's own."""
    if target["triple"] == tools.host():
        return []
    name = {"linux": "qemu-aarch64-static", "win32": "wine64"}[target["os"]]
    # Debian's wine64 alone has no program on the PATH.
    found = shutil.which(name) or shutil.which(name, path="/usr/lib/wine")
    return [found or sys.exit(f"{target['triple']}: {name} isn't installed")]


def starts(run: list, environment: dict) -> None:
    """Its version, its completions, a session over standard input and output, and what it finds out
    about this machine."""
    assert output(*run, "--version", environment=environment).strip() == f"clerk-mcp {tools.VERSION}"
    assert "clerk-mcp" in output(*run, "completions", "bash", environment=environment)
    speaks(*run, environment=environment)
    doctor = ran(*run, "doctor", "--json", environment=environment)
    assert isinstance(json.loads(doctor.stdout), dict), doctor


def empty_root(target: dict, binary: Path, folder: Path) -> None:
    """The static binary alone in an empty root, as in a container: it starts, also as the sandbox,
    and it verifies TLS by the authorities that it brings and, if SSL_CERT_FILE names a file, by that
    alone."""
    root = folder / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    for file in (binary, AUTHORITY, *emulator(target)):
        shutil.copy2(file, root)
    run = ["chroot", root, *[f"/{Path(file).name}" for file in (*emulator(target), binary)]]
    speaks(*run)
    serves_sandbox(run)
    verifies(run, {}, "/authority.pem")


def serves_sandbox(run: list) -> None:
    """Started as the image of the sandbox starts it, but on a port that is free."""
    stage = (tools.HERE / "Dockerfile").read_text().partition(" AS sandbox\n")[2].partition("\nFROM ")[0]
    _, *words = json.loads(re.search(r"^ENTRYPOINT (.+)$", stage, re.MULTILINE)[1])
    option, _ = json.loads(re.search(r"^CMD (.+)$", stage, re.MULTILINE)[1])
    server = subprocess.Popen([*run, *words, option, "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://[0-9.:]+", server.stdout.readline()).group()
        with urlopen(url, timeout=10) as response:
            assert json.load(response)["name"] == "clerk-sandbox"
    finally:
        server.kill()


def verifies(run: list, environment: dict, authority: str | Path) -> None:
    """A server whose certificate a private authority signed is trusted if that is named, and not if
    it isn't."""
    server = subprocess.Popen([sys.executable, tools.HERE / "tls_server.py"], stdout=subprocess.PIPE, text=True)
    try:
        there = {**environment, **KEY, "CLERK_API_URL": f"https://localhost:{server.stdout.readline().strip()}"}
        call = [*run, "call", "clerk_get_user", '{"userId": "user_1"}']
        said = output(*call, environment={**there, "SSL_CERT_FILE": str(authority)})
        assert json.loads(said)["id"] == "user_1", said
        refused = ran(*call, environment=there)
        assert "isn't trusted" in json.loads(refused.stdout)["error"]["message"], refused
    finally:
        server.kill()


def linux(target: dict, binary: Path, folder: Path) -> None:
    starts([*emulator(target), binary], {})
    empty_root(target, binary, folder)


def windows(target: dict, binary: Path, folder: Path) -> None:
    source = folder / "random.c"
    source.write_text(RANDOM_NUMBERS)
    library = binary.parent / "bcryptprimitives.dll"
    tools.run("x86_64-w64-mingw32-gcc", "-shared", "-o", library, source, "-ladvapi32")
    environment = {"WINEPREFIX": str(folder / "wine"), "WINEDEBUG": "-all"}
    run = [*emulator(target), binary]
    starts(run, environment)
    verifies(run, environment, AUTHORITY)


# Load commands of a Mach-O file.
DYLIB, WEAK_DYLIB, SIGNATURE, BUILD_VERSION, OLDEST_VERSION = 0xC, 0x80000018, 0x1D, 0x32, 0x24


def macos(target: dict, binary: Path, _: Path) -> None:
    """What macOS looks at before it starts a program: the processor, the oldest system, which the
    wheel's tag promises too, the libraries, which must be the system's, and the signature."""
    data = binary.read_bytes()
    magic, cpu, _, kind, count, _ = struct.unpack_from("<6I", data)
    wanted = {"arm64": 0x0100000C, "x64": 0x01000007}[target["cpu"]]
    assert (magic, cpu, kind) == (0xFEEDFACF, wanted, 2), (magic, cpu, kind)
    commands, at = {}, 32
    for _ in range(count):
        command, size = struct.unpack_from("<2I", data, at)
        commands.setdefault(command, []).append(data[at : at + size])
        at += size
    linked = [*commands[DYLIB], *commands.get(WEAK_DYLIB, [])]
    libraries = [part[struct.unpack_from("<I", part, 8)[0] :].rstrip(b"\0").decode() for part in linked]
    assert all(name.startswith(("/usr/lib/", "/System/Library/Frameworks/")) for name in libraries), libraries
    # Before macOS 10.14 there was another command for it.
    built = (commands[BUILD_VERSION][0], 12) if BUILD_VERSION in commands else (commands[OLDEST_VERSION][0], 8)
    (version,) = struct.unpack_from("<I", *built)
    oldest = (version >> 16, version >> 8 & 0xFF)
    tag = tuple(int(part) for part in target["wheel"].split("_")[1:3])
    assert oldest <= tag, f"needs macOS {oldest}, and the wheel says {tag}"
    pages = sum(signed_pages(data, *struct.unpack_from("<2I", part, 8)) for part in commands.get(SIGNATURE, []))
    # Apple's linker signs for arm64 alone, which starts nothing unsigned.
    assert pages or target["cpu"] == "x64", "not signed"
    names = ", ".join(name.rsplit("/", 1)[1] for name in libraries)
    print(f"  macOS {oldest[0]}.{oldest[1]}, {names}; {pages} signed pages", flush=True)


def signed_pages(data: bytes, start: int, length: int) -> int:
    """How many pages the signature covers: all up to itself, each with the hash that it names. macOS
    ends a program of arm64 in which one differs."""
    signature = data[start : start + length]
    magic, _, count = struct.unpack_from(">3I", signature)
    assert magic == 0xFADE0CC0, magic
    slots = dict(struct.unpack_from(">2I", signature, 12 + 8 * number) for number in range(count))
    directory = signature[slots[0] :]
    magic, _, _, flags, hashes, _, _, pages, limit, size, kind, _, shift = struct.unpack_from(">9I4B", directory)
    assert (magic, kind, size) == (0xFADE0C02, 2, 32) and flags & 2, (magic, kind, size, flags)
    for number in range(pages):
        page = data[number << shift : min((number + 1) << shift, limit)]
        at = hashes + number * size
        assert hashlib.sha256(page).digest() == directory[at : at + size], f"page {number} isn't as signed"
    assert limit == start, limit
    return pages


CHECKS = {"linux": linux, "win32": windows, "darwin": macos}
