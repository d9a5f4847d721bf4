"""Closed loops of streamed chat requests against one OpenAI-compatible server, with nothing but the standard library.

So many clients ask again as soon as they were answered, for so many seconds. What is under way at the end is cut off and
counted as unfinished: its wait so far is a lower bound, and stays in the percentiles of the first token as one.

    python drive.py URL PROMPTS.json --model NAME --clients 1,4,16,64 --seconds 20 [--output-tokens 128] > levels.json
"""

import argparse
import asyncio
import json
import pathlib
import time
import urllib.parse


async def body_of(reader, headers):
    """Pieces of the body as they come."""
    if headers.get("transfer-encoding") == "chunked":
        while True:
            size = int((await reader.readline()).split(b";")[0], 16)
            if size == 0:
                return
            yield await reader.readexactly(size)
            await reader.readexactly(2)
    else:
        while piece := await reader.read(65_536):
            yield piece


async def ask(url, body, record):
    """One request; `record` is filled while it runs, so that what is cut off is known too."""
    where = urllib.parse.urlsplit(url)
    record["sent"] = time.monotonic()
    reader, writer = await asyncio.open_connection(where.hostname, where.port or 80)
    try:
        data = json.dumps(body).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: {where.netloc}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(data)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + data)
        status = int((await reader.readline()).split()[1])
        headers = {}
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip().lower()
        rest = b""
        async for piece in body_of(reader, headers):
            now = time.monotonic()
            rest += piece
            *lines, rest = rest.split(b"\n")
            for line in lines:
                if not line.startswith(b"data:") or line[5:].strip() == b"[DONE]":
                    continue
                event = json.loads(line[5:])
                if "error" in event:
                    record["error"] = str(event["error"])
                usage = event.get("usage") or {}
                if usage.get("completion_tokens"):
                    record["tokens"] = usage["completion_tokens"]
                for choice in event.get("choices", []):
                    if (choice.get("delta") or {}).get("content"):
                        record.setdefault("first", now)
                        record["last"] = now
                        record["pieces"] = record.get("pieces", 0) + 1
        if status != 200:
            record["error"] = f"status {status}"
        record["done"] = time.monotonic()
    finally:
        writer.close()


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


async def level(options, prompts, clients, seconds):
    records = []
    until = time.monotonic() + seconds

    async def client():
        while time.monotonic() < until:
            record = {}
            records.append(record)
            body = {
                "model": options.model,
                "messages": [{"role": "user", "content": prompts[(len(records) - 1) % len(prompts)]}],
                "max_tokens": options.output_tokens,
                "temperature": 0,
                "stream": True,
            }
            try:
                await ask(options.url, body, record)
            except (OSError, ValueError, IndexError, asyncio.IncompleteReadError) as error:
                record["error"] = repr(error)
                await asyncio.sleep(0.1)

    began = time.monotonic()
    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.wait(tasks, timeout=seconds)
    ended = time.monotonic()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    done = [record for record in records if "done" in record and "error" not in record]
    firsts = [1_000 * (record.get("first", ended) - record["sent"]) for record in records if "sent" in record]
    gaps = [
        1_000 * (record["last"] - record["first"]) / (record["pieces"] - 1)
        for record in done
        if record.get("pieces", 0) > 1
    ]
    pieces = sum(record.get("pieces", 0) for record in records)
    return {
        "clients": clients,
        "seconds": ended - began,
        "done": len(done),
        "unfinished": sum(1 for record in records if "done" not in record and "error" not in record),
        "errors": sum(1 for record in records if "error" in record),
        "error": next((record["error"] for record in records if "error" in record), None),
        "requestsPerSecond": len(done) / (ended - began),
        # Also of those that were cut off: what the server wrote in the time, not what happened to be finished.
        "piecesPerSecond": pieces / (ended - began),
        "tokensOfAnswer": percentile([record["tokens"] for record in done if "tokens" in record], 0.5),
        "firstMs": {"p50": percentile(firsts, 0.5), "p95": percentile(firsts, 0.95), "p99": percentile(firsts, 0.99)},
        "gapMs": {"p50": percentile(gaps, 0.5), "p99": percentile(gaps, 0.99)},
    }


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("prompts", type=pathlib.Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--clients", default="1,4,16,64")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--output-tokens", type=int, default=128)
    parser.add_argument("--warm", type=float, default=5, help="seconds that are not measured")
    options = parser.parse_args()
    prompts = json.loads(options.prompts.read_text(encoding="utf-8"))
    if options.warm > 0:
        await level(options, list(reversed(prompts)), 2, options.warm)
    levels = []
    for clients in (int(one) for one in options.clients.split(",")):
        levels.append(await level(options, prompts, clients, options.seconds))
    print(json.dumps(levels))


asyncio.run(main())
