"""Compiling the binary for one target."""

import os, sys
from pathlib import Path

import tools

# The frameworks of Apple's SDK that the binary links, as lists of symbols: enough to link on other
# systems. Releases for macOS are linked on macOS.
STUBS = tools.HERE / "macos-stubs"


def file_name(target: dict) -> str:
    return "clerk-mcp.exe" if target["os"] == "win32" else "clerk-mcp"


def compiled(target: dict, profile: str) -> Path:
    """Builds the binary and returns its path. Linux binaries are static."""
    triple, system = target["triple"], target["os"]
    tools.run("rustup", "target", "add", triple, cwd=tools.ROOT)
    environment = dict(os.environ)
    command = ["cargo", "build"]
    if system == "linux" or (system == "darwin" and sys.platform != "darwin"):
        # Zig is the C compiler and the linker.
        command = ["cargo", "zigbuild"]
        environment["PATH"] = f"{tools.zigbuild()}{os.pathsep}{environment['PATH']}"
    if system == "darwin":
        # The oldest system that the wheel's tag promises, such as macosx_11_0_arm64.
        environment["MACOSX_DEPLOYMENT_TARGET"] = ".".join(target["wheel"].split("_")[1:3])
        if sys.platform != "darwin":
            environment["RUSTFLAGS"] = f"{environment.get('RUSTFLAGS', '')} -L framework={STUBS}".strip()
    command += ["--locked", "--profile", profile, "--target", triple, "--package", "clerk-mcp", "--bin", "clerk-mcp"]
    tools.run(*command, cwd=tools.ROOT, env=environment)
    return tools.TARGET / triple / profile / file_name(target)
