"""An intranet in thirty lines: a page with the widget, and a token for whoever is signed in (docs/widget.md).

python server.py FINDER KEY.json     FINDER: https address of the service; KEY.json: a private EC key (JWK) with a `kid`
"""

import json
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

FINDER, KEY = sys.argv[1].rstrip("/"), ECKey.import_key(json.loads(Path(sys.argv[2]).read_text()))
HERE, TYPES = Path(__file__).parent, {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
POLICY = (
    f"default-src 'none'; script-src 'self' {FINDER}; connect-src 'self' {FINDER}; require-trusted-types-for 'script'"
)


class Intranet(BaseHTTPRequestHandler):
    def do_GET(self):
        file = HERE / {"/": "page.html", "/ask.js": "ask.js"}.get(self.path.partition("?")[0], "none")
        found = file.is_file()
        text = file.read_text().replace("FINDER", FINDER) if found else ""
        self.answer(200 if found else 404, text, TYPES.get(file.suffix, "text/plain"))

    def do_POST(self):  # the same origin alone, and who is asked for is never the page's to say
        own = self.path == "/finder-token" and self.headers["Sec-Fetch-Site"] == "same-origin"
        person, now, kid = self.signed_in() if own else None, int(time.time()), KEY.kid or ""
        claims = {"iss": kid.partition(":")[0], "sub": person, "aud": FINDER, "jti": str(uuid.uuid4())}
        claims |= {"iat": now, "exp": now + 60}
        header = {"alg": "ES256", "kid": kid, "typ": "expertfinder-assertion+jwt"}
        token = jwt.encode(header, claims, KEY) if person else ""
        self.answer(200 if person else 401, json.dumps({"token": token}), "application/json")

    def signed_in(self):
        return "ada"  # YOURS: the person of the session of this request, by the number that the identity provider knows

    def answer(self, status, text, kind):
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    served = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3]) if len(sys.argv) > 3 else 8100), Intranet)
    print(f"http://127.0.0.1:{served.server_port}", flush=True)
    served.serve_forever()
