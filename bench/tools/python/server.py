# The same service with FastAPI: one line says where it listens.

import socket
import sys
import threading

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/add", operation_id="add")
def add(a: float, b: float) -> float:
    return a + b


@app.get("/subtract", operation_id="subtract")
def subtract(a: float, b: float) -> float:
    return a - b


@app.get("/multiply", operation_id="multiply")
def multiply(a: float, b: float) -> float:
    return a * b


@app.get("/divide", operation_id="divide")
def divide(a: float, b: float) -> float:
    return a / b


def end_with_parent() -> None:
    sys.stdin.read()
    import os

    os._exit(0)


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(128)
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
threading.Thread(target=end_with_parent, daemon=True).start()
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
