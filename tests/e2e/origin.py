#!/usr/bin/env python3
"""An origin as people write them: http.server, threads, HTTP/1.1. Prints `listening PORT`.

usage: origin.py FOLDER
  GET /NAME            the file of that name
  GET /chunks/N        N chunks of 1000 octets
  GET /until-close     an answer that lasts until the connection ends
  POST, PUT /anything  {"bytes": N, "sha256": HEX, "expect": ..., "attempts": ...} of the content
"""
import hashlib
import http.server
import json
import os
import shutil
import sys


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.startswith("/chunks/"):
            return self.give_chunks(int(self.path.rsplit("/", 1)[1]))
        if self.path == "/until-close":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"until the end")
            return None
        path = os.path.join(sys.argv[1], os.path.basename(self.path))
        with open(path, "rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(os.path.getsize(path)))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile, 256 * 1024)
        return None

    def give_chunks(self, count):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(count):
            self.wfile.write(b"3e8\r\n" + b"c" * 1000 + b"\r\n")
        self.wfile.write(b"0\r\nx-sum: fine\r\n\r\n")

    def do_POST(self):
        digest = hashlib.sha256()
        size = 0
        for piece in self.content():
            digest.update(piece)
            size += len(piece)
        answer = json.dumps({"bytes": size, "sha256": digest.hexdigest(), "expect": self.headers.get("Expect")}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST

    def content(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            piece = self.rfile.read(min(left, 256 * 1024))
            if not piece:
                return
            left -= len(piece)
            yield piece

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
print("listening", server.server_port, flush=True)
server.serve_forever()
