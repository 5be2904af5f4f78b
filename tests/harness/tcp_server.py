# SPDX-License-Identifier: MPL-2.0
"""tcp_server: listens on 127.0.0.1 and gives each connection a thread."""
import socketserver
import threading


class TcpServer(socketserver.ThreadingTCPServer):
    """`handler` is a class of socketserver; it finds `node` as `self.server.node`."""
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, node, handler, port=0):
        self.node = node
        super().__init__(("127.0.0.1", port), handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that went away is no news

    def close(self):
        self.shutdown()
        self.server_close()
