"""python3 server.py [PORT]: the provider and its provider-state handler on one port of this machine."""

import json
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import provider
import states

MAX_BODY = 2 << 20  # bytes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self.send(413, {"code": "PayloadTooLarge", "message": "413:payload_too_large"})
        body, path = self.rfile.read(length), self.path.split("?")[0]
        with provider.lock:
            if self.command == "POST" and path == "/_pact/provider-states":
                return self.send(*states.change(json.loads(body)))
            status, answer, notification = provider.handle(self.command, path, self.headers.get("Authorization"), body)
        self.send(status, answer)
        if notification:
            threading.Thread(target=notify, args=notification, daemon=True).start()

    do_GET = do_POST = do_PUT = answer

    def send(self, status, answer):
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass  # a path may hold ids


def notify(url, event):
    request = urllib.request.Request(url, json.dumps(event).encode(), {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except urllib.error.URLError as problem:
        print("not notified:", problem.reason, file=sys.stderr)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # scenarios run side by side


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8080), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
