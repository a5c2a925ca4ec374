"""A local RFC 3161 authority: OpenSSL behind a few lines of HTTP."""

from __future__ import annotations

import contextlib
import http.server
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIG = """
[tsa]
default_tsa = own
[own]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/cert.pem
certs = {folder}/cert.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def _write_identity(folder: Path) -> bytes:
    """An authority with its own root; returns the root in PEM."""
    now = datetime.now(UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    root_key, key = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab")

    def base(subject: str, public: rsa.RSAPublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("time root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=100))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
                critical=False,
            )
        )

    root = (
        base("time root", root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    signs = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    leaf = (
        base("time authority", key.public_key())
        .add_extension(usage, critical=True)
        .add_extension(signs, critical=True)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(leaf.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    return root.public_bytes(pem)


class Authority:
    """A running authority. `mode` is `good`, `reject`, `garbage` or `error`."""

    def __init__(self, url: str, root: bytes) -> None:
        self.url, self.root = url, root
        self.mode = "good"
        self.queries = 0


@contextlib.contextmanager
def authority() -> Iterator[Authority]:
    """Serve on a free loopback port."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = _write_identity(folder)
        held: list[Authority] = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                one = held[0]
                one.queries += 1
                query = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = 200, b"garbage"
                if one.mode == "error":
                    status = 500
                elif one.mode == "reject":
                    body = bytes.fromhex("30053003020102")
                elif one.mode == "good":
                    body = _reply(folder, query)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        held.append(Authority(f"http://127.0.0.1:{server.server_port}/tsa", root))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield held[0]
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _reply(folder: Path, query: bytes) -> bytes:
    with (
        tempfile.NamedTemporaryFile(dir=folder) as question,
        tempfile.NamedTemporaryFile(dir=folder) as answer,
    ):
        question.write(query)
        question.flush()
        command = ["openssl", "ts", "-reply", "-config", str(folder / "tsa.cnf"), "-section", "own"]
        command += ["-queryfile", question.name, "-out", answer.name]
        subprocess.run(command, check=True, capture_output=True)
        return answer.read()


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says anything."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"
