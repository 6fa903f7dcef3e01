# pyright: standard
"""The users that Locust's documentation shows, closed loops all, and what Locust reports of them.

    python benchmarks/locust_idioms.py ADDRESS --user http|fast --users N --each RATE --seconds S

Each user sends RATE requests a second as `constant_throughput` paces them, and checks the status.
"""

# isort: off
from locust import FastHttpUser, HttpUser, constant_throughput, task
from locust.env import Environment

# isort: on
import argparse
import json
import sys
import time
from typing import Final
from urllib.parse import urlsplit

import gevent

RIGHT: Final = 200
PERCENTILES: Final = (50, 95, 99)


def user_of(kind: str, address: str, each: float) -> type[HttpUser | FastHttpUser]:
    """Return a class of users of one request."""
    place = urlsplit(address)
    path = place.path or "/"
    base = HttpUser if kind == "http" else FastHttpUser

    class Visitor(base):  # type: ignore[misc, valid-type]
        host = f"{place.scheme}://{place.netloc}"
        wait_time = constant_throughput(each)

        @task
        def get(self) -> None:
            with self.client.get(path, catch_response=True) as answer:
                if answer.status_code != RIGHT or not answer.content:
                    answer.failure("not as expected")

    return Visitor


def main() -> None:
    """Send, and print percentiles (ms), requests, failures and CPU seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--user", choices=("http", "fast"), required=True)
    parser.add_argument("--users", type=int, required=True)
    parser.add_argument("--each", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args()
    environment = Environment(user_classes=[user_of(asked.user, asked.address, asked.each)])
    runner = environment.create_local_runner()
    before, began = time.process_time(), time.perf_counter()
    runner.start(asked.users, spawn_rate=asked.users)
    gevent.sleep(asked.seconds)
    runner.quit()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - before
    total = environment.stats.total
    told = {
        f"p{percent}_ms": total.get_response_time_percentile(percent / 100)
        for percent in (50, 95, 99)
    }
    told |= {"requests": total.num_requests, "failed": total.num_failures}
    sys.stdout.write(json.dumps({**told, "cpu_seconds": cpu_seconds, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main()
