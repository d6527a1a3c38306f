"""The forms in which the binary is published."""

import base64, hashlib, json, shutil, tarfile, zipfile
from pathlib import Path
from urllib.parse import quote

import tools

LICENSE = tools.ROOT / "LICENSE"
ABOUT = "An MCP server for Clerk: users, organizations and sessions as tools for LLM agents"
REPOSITORY = "https://github.com/clerk-mcp/clerk-mcp"


def platform(target: dict, binary: Path) -> dict:
    """Makes all that holds this one binary."""
    archive(target, binary)
    npm_platform(target, binary)
    wheel(target, binary)
    return {"target": target, "bundle": bundle(target, binary)}


def shared(built: list[dict]) -> None:
    """Makes what names all platforms: the npm package that users install, server.json, the Homebrew
    formula, the installers, the links and the checksums."""
    npm_package()
    npm_sandbox()
    registry(built)
    formula(built)
    for installer in ("install.sh", "install.ps1"):
        shutil.copy2(tools.HERE / installer, tools.OUT)
    (tools.OUT / "links.json").write_text(json.dumps(links(), indent=2) + "\n")
    files = sorted(path for path in tools.OUT.iterdir() if path.is_file())
    sums = "".join(f"{tools.sha256(path)}  {path.name}\n" for path in files)
    (tools.OUT / "SHA256SUMS").write_text(sums)


def formula(built: list[dict]) -> None:
    """The Homebrew formula, with the archives that were built for macOS and Linux."""
    lines = []
    for system, word in (("darwin", "macos"), ("linux", "linux")):
        of_system = [each["target"] for each in built if each["target"]["os"] == system]
        lines += [f"  on_{word} do"] if of_system else []
        for target in of_system:
            name = f"clerk-mcp-{tools.VERSION}-{target['triple']}.tar.gz"
            cpu = {"x64": "intel", "arm64": "arm"}[target["cpu"]]
            lines += [
                f"    on_{cpu} do",
                f'      url "{REPOSITORY}/releases/download/v{tools.VERSION}/{name}"',
                f'      sha256 "{tools.sha256(tools.OUT / name)}"',
                "    end",
            ]
        lines += ["  end"] if of_system else []
    text = (tools.HERE / "clerk-mcp.rb").read_text()
    text = text.replace("@VERSION@", tools.VERSION).replace("  # @ARCHIVES@", "\n".join(lines))
    (tools.OUT / "clerk-mcp.rb").write_text(text)


def bill_of_materials(target: dict) -> None:
    """`clerk-mcp-VERSION-TRIPLE.cdx.json`: the crates in the platform's binary, as CycloneDX. It also
    has what only a test turns on in a crate."""
    name = f"clerk-mcp-{tools.VERSION}-{target['triple']}.cdx"
    tools.run(
        tools.cyclonedx(), "cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5", "--no-build-deps",
        "--target", target["triple"], "--manifest-path", tools.ROOT / "Cargo.toml", "--override-filename", name,
    )
    # Where the checkout was tells nobody anything.
    text = (tools.ROOT / f"{name}.json").read_text().replace(f"path+file://{tools.ROOT}", "path+file://")
    (tools.OUT / f"{name}.json").write_text(text)
    for made in [tools.ROOT / f"{name}.json", *tools.ROOT.glob(f"*/{name}.json"), *tools.ROOT.glob(f"crates/*/{name}.json")]:
        made.unlink()


def archive(target: dict, binary: Path) -> None:
    """`clerk-mcp-VERSION-TRIPLE.tar.gz`, or `.zip` for Windows: what the installers,
    cargo-binstall and Homebrew download."""
    stem = f"clerk-mcp-{tools.VERSION}-{target['triple']}"
    files = [binary, LICENSE, tools.ROOT / "README.md"]
    if target["os"] == "win32":
        with zipfile.ZipFile(tools.OUT / f"{stem}.zip", "w", zipfile.ZIP_DEFLATED) as out:
            for file in files:
                out.write(file, f"{stem}/{file.name}")
        return
    with tarfile.open(tools.OUT / f"{stem}.tar.gz", "w:gz") as out:
        for file in files:
            out.add(file, f"{stem}/{file.name}", filter=plain)


def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without what differs from one build machine to another."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def package_json(name: str, **more) -> dict:
    common = {"name": name, "version": tools.VERSION, "license": "Apache-2.0", "homepage": REPOSITORY}
    return {**common, "repository": {"type": "git", "url": f"git+{REPOSITORY}.git"}, **more}


def pack(folder: Path) -> None:
    tools.run("npm", "pack", "--silent", "--pack-destination", tools.OUT, cwd=folder, quiet=True)


def npm_platform(target: dict, binary: Path) -> None:
    """The package with one platform's binary. npm skips it on the others."""
    folder = tools.fresh(tools.TARGET / "package-work" / f"npm-{target['npm']}")
    (folder / "bin").mkdir()
    shutil.copy2(binary, folder / "bin" / binary.name)
    (folder / "bin" / binary.name).chmod(0o755)
    shutil.copy2(LICENSE, folder)
    about = f"The {target['npm']} binary of clerk-mcp"
    package = package_json(
        f"@clerk-mcp/{target['npm']}",
        description=about, os=[target["os"]], cpu=[target["cpu"]], files=["bin"],
        preferUnplugged=True, publishConfig={"access": "public"},
    )
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
    (folder / "README.md").write_text(f"# {package['name']}\n\n{about}; install `clerk-mcp`.\n")
    pack(folder)


def npm_package() -> None:
    """The package that users name. It has no scripts, so `--ignore-scripts` changes nothing."""
    folder = tools.fresh(tools.TARGET / "package-work" / "npm")
    (folder / "bin").mkdir()
    shutil.copy2(tools.HERE / "npm" / "clerk-mcp.js", folder / "bin")
    (folder / "bin" / "clerk-mcp.js").chmod(0o755)
    shutil.copy2(tools.HERE / "npm" / "README.md", folder)
    shutil.copy2(LICENSE, folder)
    platforms = {f"@clerk-mcp/{target['npm']}": tools.VERSION for target in tools.TARGETS}
    package = package_json(
        "clerk-mcp", description=ABOUT, mcpName=server_name(), bin={"clerk-mcp": "bin/clerk-mcp.js"},
        files=["bin"], engines={"node": ">=18"}, optionalDependencies=platforms,
        keywords=["mcp", "clerk", "agent", "identity"],
    )
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
    pack(folder)


def npm_sandbox() -> None:
    """The package `clerk-sandbox`, which starts the sandbox of the package `clerk-mcp`."""
    folder = tools.fresh(tools.TARGET / "package-work" / "npm-sandbox")
    (folder / "bin").mkdir()
    shutil.copy2(tools.HERE / "npm-sandbox" / "clerk-sandbox.js", folder / "bin")
    (folder / "bin" / "clerk-sandbox.js").chmod(0o755)
    shutil.copy2(tools.HERE / "npm-sandbox" / "README.md", folder)
    shutil.copy2(LICENSE, folder)
    package = package_json(
        "clerk-sandbox", description="A stand-in for Clerk's Backend API, in memory, to test applications against",
        bin={"clerk-sandbox": "bin/clerk-sandbox.js"}, files=["bin"], engines={"node": ">=18"},
        dependencies={"clerk-mcp": tools.VERSION}, keywords=["clerk", "mock", "testing", "sandbox"],
    )
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n")
    pack(folder)


def wheel(target: dict, binary: Path) -> None:
    """A wheel with the binary as its script, as maturin's `bin` bindings make it, for a binary that
    is compiled already."""
    info, name = f"clerk_mcp-{tools.VERSION}.dist-info", f"clerk_mcp-{tools.VERSION}"
    marker = f"\n<!-- mcp-name: {server_name()} -->\n"
    metadata = "\n".join([
        "Metadata-Version: 2.4", "Name: clerk-mcp", f"Version: {tools.VERSION}", f"Summary: {ABOUT}",
        "License-Expression: Apache-2.0", "License-File: LICENSE", "Requires-Python: >=3.8",
        f"Project-URL: Repository, {REPOSITORY}", "Description-Content-Type: text/markdown", "",
        (tools.HERE / "npm" / "README.md").read_text() + marker,
    ])
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in target["wheel"].split("."))
    described = f"Wheel-Version: 1.0\nGenerator: clerk-mcp packaging\nRoot-Is-Purelib: false\n{tags}"
    files = {
        f"{name}.data/scripts/{binary.name}": binary.read_bytes(),
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": described.encode(),
        f"{info}/licenses/LICENSE": LICENSE.read_bytes(),
    }
    rows = [f"{path},sha256={digest(data)},{len(data)}\n" for path, data in files.items()]
    files[f"{info}/RECORD"] = ("".join(rows) + f"{info}/RECORD,,\n").encode()
    with zipfile.ZipFile(tools.OUT / f"{name}-py3-none-{target['wheel']}.whl", "w", zipfile.ZIP_DEFLATED) as out:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)
            mode = 0o755 if path.endswith(binary.name) else 0o644
            entry.external_attr, entry.compress_type = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
            out.writestr(entry, data)


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def bundle(target: dict, binary: Path) -> Path:
    """A bundle for Claude Desktop, validated and packed by the official tool."""
    folder = tools.fresh(tools.TARGET / "package-work" / f"bundle-{target['npm']}")
    manifest = json.loads((tools.HERE / "bundle" / "manifest.json").read_text())
    manifest["version"] = tools.VERSION
    manifest["compatibility"]["platforms"] = [target["os"]]
    manifest["server"]["entry_point"] = f"server/{binary.name}"
    manifest["server"]["mcp_config"]["command"] = f"${{__dirname}}/server/{binary.name}"
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    (folder / "server").mkdir()
    shutil.copy2(binary, folder / "server")
    shutil.copy2(tools.HERE / "bundle" / "icon.png", folder)
    shutil.copy2(LICENSE, folder)
    out = tools.OUT / f"clerk-mcp-{tools.VERSION}-{target['npm']}.mcpb"
    tools.run(tools.bundler(), "validate", folder / "manifest.json", quiet=True)
    tools.run(tools.bundler(), "pack", folder, out, quiet=True)
    return out


def server_name() -> str:
    return json.loads((tools.HERE / "registry" / "server.json").read_text())["name"]


def registry(built: list[dict]) -> None:
    """`server.json` for the MCP registry. It lists the bundles that were built."""
    server = json.loads((tools.HERE / "registry" / "server.json").read_text())
    server["version"] = tools.VERSION
    key = {
        "name": "CLERK_SECRET_KEY",
        "description": "A secret key of your Clerk instance: sk_test_… or sk_live_…",
        "isRequired": True, "isSecret": True, "format": "string",
    }
    read_only = {
        "name": "CLERK_MCP_READ_ONLY",
        "description": "true: offer only tools that change nothing",
        "isRequired": False, "format": "boolean",
    }
    common = {"transport": {"type": "stdio"}, "environmentVariables": [key, read_only]}
    server["packages"] = [
        {"registryType": "npm", "registryBaseUrl": "https://registry.npmjs.org", "identifier": "clerk-mcp",
         "version": tools.VERSION, "runtimeHint": "npx", **common},
        {"registryType": "pypi", "registryBaseUrl": "https://pypi.org", "identifier": "clerk-mcp",
         "version": tools.VERSION, "runtimeHint": "uvx", **common},
    ]
    for each in built:
        file = each["bundle"]
        url = f"{REPOSITORY}/releases/download/v{tools.VERSION}/{file.name}"
        server["packages"].append(
            {"registryType": "mcpb", "identifier": url, "fileSha256": tools.sha256(file), **common})
    (tools.OUT / "server.json").write_text(json.dumps(server, indent=2) + "\n")


def links() -> dict:
    """Links that add the server to a client. VS Code asks for the key and keeps it; Cursor reads it
    from the environment."""
    npx = {"command": "npx", "args": ["-y", "clerk-mcp"]}
    cursor = {**npx, "env": {"CLERK_SECRET_KEY": "${env:CLERK_SECRET_KEY}"}}
    config = base64.b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()
    asked = {"type": "promptString", "id": "clerk_secret_key", "description": "Clerk secret key", "password": True}
    code = {"name": "clerk", **npx, "env": {"CLERK_SECRET_KEY": "${input:clerk_secret_key}"}, "inputs": [asked]}
    encoded = quote(json.dumps(code, separators=(",", ":")), safe="")
    return {
        "cursor": f"https://cursor.com/en/install-mcp?name=clerk&config={quote(config, safe='')}",
        "vscode": f"https://insiders.vscode.dev/redirect?url={quote('vscode:mcp/install?' + encoded, safe='')}",
    }
