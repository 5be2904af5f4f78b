# SPDX-License-Identifier: MPL-2.0
"""certificate: a certificate that signs itself, for a server of a test."""
import shutil
import ssl
import subprocess
import tempfile


class Certificate:
    """For one address or name, as `IP:127.0.0.1` or `DNS:node.test`. `close` removes its files."""

    def __init__(self, name):
        self._dir = tempfile.mkdtemp(prefix="purgefleet-certificate-")
        self.file = f"{self._dir}/certificate.pem"
        key = f"{self._dir}/key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-noenc", "-keyout", key, "-out", self.file, "-days", "2", "-subj", "/CN=node",
             "-addext", f"subjectAltName={name}"],
            stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60,
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.file, key)

    def close(self):
        shutil.rmtree(self._dir)
