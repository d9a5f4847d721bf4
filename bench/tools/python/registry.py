# Oaklight/ToolRegistry on this machine: a hundred calls per batch, the first one with its pools started within the measured
# time, and warm. Prints one line of JSON. Arguments: batches, then the URL of an OpenAPI service and of an MCP server over
# SSE, or `-`.

import json
import random
import statistics
import sys
import time

from toolregistry import ToolRegistry

names = ["add", "subtract", "multiply", "divide"]


def add(a: float, b: float) -> float:
    """Adds."""
    return a + b


def subtract(a: float, b: float) -> float:
    """Subtracts."""
    return a - b


def multiply(a: float, b: float) -> float:
    """Multiplies."""
    return a * b


def divide(a: float, b: float) -> float:
    """Divides."""
    return a / b


class Calculator:
    add = staticmethod(add)
    subtract = staticmethod(subtract)
    multiply = staticmethod(multiply)
    divide = staticmethod(divide)


def functions(registry):
    for function in (add, subtract, multiply, divide):
        registry.register(function)


def methods(registry):
    registry.register_from_class(Calculator)


def service(registry):
    try:
        from toolregistry.openapi import HttpxClientConfig as Config
        from toolregistry.openapi import load_openapi_spec
    except ImportError:
        from toolregistry.openapi import HttpClientConfig as Config
        from toolregistry.openapi import load_openapi_spec
    registry.register_from_openapi(Config(base_url=sys.argv[2]), load_openapi_spec(sys.argv[2] + "/openapi.json"))


def server(registry):
    registry.register_from_mcp(sys.argv[3])


def batch(registry):
    calls = []
    for index in range(100):
        name = random.choice([each for each in registry.get_available_tools()])
        arguments = json.dumps({"a": random.randint(1, 100), "b": random.randint(1, 100)})
        calls.append({"id": f"call-{index}", "type": "function", "function": {"name": name, "arguments": arguments}})
    try:
        from openai.types.chat.chat_completion_message_tool_call import ChatCompletionMessageToolCall as Call

        calls = [Call.model_validate(each) for each in calls]
    except ImportError:
        pass
    return calls


def run(registry, mode):
    calls = batch(registry)
    start = time.perf_counter()
    try:
        registry.execute_tool_calls(calls, execution_mode=mode)
    except TypeError:
        registry.execute_tool_calls(calls, parallel_mode=mode)
    return 100 / (time.perf_counter() - start)


kinds = {"func": functions, "class": methods}
if sys.argv[2] != "-":
    kinds["OpenAPI"] = service
if sys.argv[3] != "-":
    kinds["MCP SSE"] = server


def main():
    rows = {}
    for mode in ("thread", "process"):
        for kind, register in kinds.items():
            try:
                registry = ToolRegistry()
                register(registry)
                first = run(registry, mode)
                warm = [run(registry, mode) for _ in range(int(sys.argv[1]))]
                rows[f"{mode} {kind}"] = {"cold": round(first, 1), "warm": round(statistics.median(warm), 1)}
            except Exception as reason:
                print(f"{mode} {kind}: {reason}", file=sys.stderr)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
