# SPDX-License-Identifier: MPL-2.0
"""storage_node: storage nodes that take a DELETE only when Mozilla's own packages find it rightly signed.

In a test: `with StorageNodes("secret", 2) as nodes: ... nodes[0].url ... nodes[0].deleted`.
As a program: `python storage_node.py --secret S --count 2 --book FILE` prints one URL a line, then writes
`<port> <uid>` into FILE for each DELETE it took, until SIGTERM.
"""
import argparse
import asyncio
import signal
import sys
import threading
import time

import hawkauthlib
import tokenlib
import webob


class Refused(Exception):
    """A request that a real node would not take; the words say why."""


class Node:
    """One node: its switches, and the book of what happened."""

    def __init__(self, secret):
        self.manager = tokenlib.TokenManager(secret=secret)
        self.nonces = hawkauthlib.NonceCache()
        self.url = None
        self.port = None
        self.deleted = []  # dicts: uid, fxa_uid, fxa_kid, node, precondition
        self.refused = []  # words
        self.requests = 0
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.status = 200  # what a good request gets
        self.status_for = {}  # uid -> status
        self.headers = {}  # added to every answer
        self.delay_s = 0.0
        self.book = None
        self.server = None

    def deleted_uids(self):
        return sorted(entry["uid"] for entry in self.deleted)

    def check(self, method, target, headers):
        """Returns what the token says; raises Refused."""
        if method != "DELETE":
            raise Refused(f"method {method}")
        request = webob_request(method, target, headers)
        params = hawk_params(request)
        try:
            data = self.manager.parse_token(params["id"])
            key = self.manager.get_derived_secret(params["id"])
        except Exception as error:
            raise Refused(f"token: {type(error).__name__} {error}") from error
        if not hawkauthlib.check_signature(request, key, params=params, nonces=self.nonces):
            raise Refused("signature, time or nonce")
        if target.rsplit("/", 1)[-1] != str(data["uid"]):
            raise Refused(f"token of uid {data['uid']} for {target}")
        return data

    def answer(self, method, target, headers):
        """Returns the status, and takes note."""
        self.requests += 1
        try:
            data = self.check(method, target, headers)
        except Refused as why:
            self.refused.append(str(why))
            return 401
        status = self.status_for.get(data["uid"], self.status)
        if status < 300 or status == 404:
            self.deleted.append(
                {
                    "uid": data["uid"],
                    "fxa_uid": data["fxa_uid"],
                    "fxa_kid": data["fxa_kid"],
                    "node": data["node"],
                    "target": target,
                    "precondition": headers.get("x-if-unmodified-since"),
                }
            )
            if self.book:
                self.book.write(f"{self.port} {data['uid']}\n")
        return status


def hawk_params(request):
    """The Authorization header as hawkauthlib reads it."""
    try:
        params = hawkauthlib.utils.parse_authz_header(request)
    except ValueError as error:
        raise Refused(f"Authorization header: {error}") from error
    if not params.get("id"):
        raise Refused("no Hawk id")
    return params


def webob_request(method, target, headers):
    """A WebOb request, as a Python node would see it."""
    path, _, query = target.partition("?")
    return webob.Request(
        {
            "REQUEST_METHOD": method,
            "wsgi.url_scheme": "http",
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "RAW_PATH": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "HTTP_HOST": headers.get("host", ""),
            "HTTP_AUTHORIZATION": headers.get("authorization", ""),
        }
    )


async def serve_connection(node, reader, writer):
    node.connections += 1
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            headers = {}
            for line in lines[1:]:
                name, colon, value = line.partition(":")
                if colon:
                    headers[name.strip().lower()] = value.strip()
            if int(headers.get("content-length", "0")):
                await reader.readexactly(int(headers["content-length"]))
            node.in_flight += 1
            node.most_in_flight = max(node.most_in_flight, node.in_flight)
            try:
                if node.delay_s:
                    await asyncio.sleep(node.delay_s)
                status = node.answer(method, target, headers)
            finally:
                node.in_flight -= 1
            extra = "".join(f"{name}: {value}\r\n" for name, value in node.headers.items())
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nX-Last-Modified: {time.time():.2f}\r\n"
                f"{extra}Content-Length: 4\r\n\r\nnull".encode("latin-1")
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


class StorageNodes:
    """Several nodes on one thread of their own."""

    def __init__(self, secret, count=1, book=None):
        self.nodes = [Node(secret) for _ in range(count)]
        for node in self.nodes:
            node.book = book
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.ready = threading.Event()

    async def _start(self, node, port=0):
        async def on_connection(reader, writer):
            await serve_connection(node, reader, writer)

        node.server = await asyncio.start_server(on_connection, "127.0.0.1", port, backlog=1024)
        node.port = node.server.sockets[0].getsockname()[1]
        node.url = f"http://127.0.0.1:{node.port}"

    def _run(self):
        asyncio.set_event_loop(self.loop)
        for node in self.nodes:
            self.loop.run_until_complete(self._start(node))
        self.ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))

    def __getitem__(self, index):
        return self.nodes[index]

    def __enter__(self):
        self.thread.start()
        self.ready.wait()
        return self

    def stop_listening(self, index):
        """From now on the node refuses connections."""
        node = self.nodes[index]

        async def close():
            node.server.close()
            await node.server.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self.loop).result()

    def listen_again(self, index):
        node = self.nodes[index]
        asyncio.run_coroutine_threadsafe(self._start(node, node.port), self.loop).result()

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--secret", required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--book", required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    args = parser.parse_args()
    with open(args.book, "w", buffering=1 << 16, encoding="ascii") as book:
        with StorageNodes(args.secret, args.count, book) as nodes:
            for node in nodes.nodes:
                node.delay_s = args.delay_ms / 1000
                print(node.url, flush=True)
            signal.sigwait({signal.SIGTERM, signal.SIGINT})
        for node in nodes.nodes:
            if node.refused:
                print(f"{node.url} refused {len(node.refused)}: {node.refused[0]}", file=sys.stderr)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
