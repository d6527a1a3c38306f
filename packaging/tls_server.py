"""A TLS server with a certificate that only tests/it/hints/authority.pem signed. It answers with a
user, and prints its port."""

import ssl
from http.server import BaseHTTPRequestHandler, HTTPServer

import tools

BODY = b'{"object":"user","id":"user_1"}'


class User(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), User)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(tools.ROOT / "tests/it/hints/localhost.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
