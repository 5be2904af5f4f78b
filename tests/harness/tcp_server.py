# SPDX-License-Identifier: MPL-2.0
"""tcp_server: listens on an address of this machine and gives each connection a thread."""
import socket
import socketserver
import threading


class TcpServer(socketserver.ThreadingTCPServer):
    """`handler` is a class of socketserver; it finds `node` as `self.server.node`. `tls`: an ssl.SSLContext, or None."""
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, node, handler, port=0, host="127.0.0.1", tls=None):
        self.node = node
        self.tls = tls
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def finish_request(self, request, client_address):
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as safe:
            super().finish_request(safe, client_address)

    def handle_error(self, request, client_address):
        pass  # a client that went away is no news

    def close(self):
        self.shutdown()
        self.server_close()
