"""npm's registry, PyPI's index and the pages of releases, on this machine, with what was built."""

import base64, hashlib, json, ssl, tarfile, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import tools


def package(tarball: Path, url: str) -> dict:
    """What npm's registry says of a package with one version."""
    with tarfile.open(tarball) as archive:
        manifest = json.load(archive.extractfile("package/package.json"))
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    dist = {"tarball": f"{url}/{tarball.name}", "integrity": f"sha512-{digest}"}
    version = manifest["version"]
    return {"name": manifest["name"], "dist-tags": {"latest": version}, "versions": {version: {**manifest, "dist": dist}}}


class Indexes(BaseHTTPRequestHandler):
    """`/npm/NAME`, `/simple/clerk-mcp/`, and every file that was built at any other path."""

    packages: dict[str, Path] = {}

    def do_GET(self):
        path, here = unquote(self.path), f"http://{self.headers['host']}"
        name = path.removeprefix("/npm/")
        if name in self.packages:
            self.answer("application/json", json.dumps(package(self.packages[name], here)).encode())
        elif path == "/simple/clerk-mcp/":
            wheels = sorted(tools.OUT.glob("*.whl"))
            links = [f'<a href="{here}/{wheel.name}#sha256={tools.sha256(wheel)}">{wheel.name}</a>' for wheel in wheels]
            self.answer("text/html", "\n".join(links).encode())
        elif (file := tools.OUT / Path(path).name).is_file():
            self.answer("application/octet-stream", file.read_bytes())
        else:
            self.send_error(404)

    def answer(self, kind: str, body: bytes):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


def serve(tls: bool) -> int:
    """Starts a server and returns its port. With TLS its certificate is for localhost."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Indexes)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tools.ROOT / "tests/it/hints/localhost.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    for tarball in tools.OUT.glob("clerk-mcp-*.tgz"):
        platform = tarball.name.removeprefix("clerk-mcp-").removesuffix(f"{tools.VERSION}.tgz").rstrip("-")
        Indexes.packages[f"@clerk-mcp/{platform}" if platform else "clerk-mcp"] = tarball
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
