"""Writes and reads keys, in every mode and through a failover. docs/redis/README.md says what it shows."""

import json
import os
import random
import time

from redis import Redis, RedisCluster, RedisError, Sentinel
from redis.backoff import NoBackoff
from redis.retry import Retry

env = os.environ
host, port, ca = env["REDIS_HOST"], int(env["REDIS_PORT"]), env.get("REDIS_CA")
prefix, writes = env.get("PREFIX", "demo"), int(env.get("WRITES", "100"))
pause = float(env.get("PAUSE_MS", "10")) / 1000

# Sentinel and a cluster tell addresses, and the certificate has names: the authority alone is checked.
tls = {"ssl": True, "ssl_ca_data": ca, "ssl_check_hostname": False} if ca else {}
common = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    # Nothing is sent twice without this program's knowing; the library's default is to try again.
    "retry": Retry(NoBackoff(), 0),
    **tls,
}
login = {"username": env.get("REDIS_USERNAME"), "password": env.get("REDIS_PASSWORD"), "decode_responses": True}


def connect():
    if env["MODE"] == "sentinel":
        sentinel = Sentinel([(host, port)], sentinel_kwargs=common, **common, **login)
        return sentinel.master_for(env["REDIS_SENTINEL_MASTER"])
    return (RedisCluster if env["MODE"] == "cluster" else Redis)(host=host, port=port, **common, **login)


failed = missing = counted = unknown = 0
longest = last = 0.0


def retried(command):
    """For what may be done twice: tries again for a minute, with longer and longer pauses."""
    global failed
    end, tries = time.monotonic() + 60, 0
    while True:
        try:
            return command()
        except (RedisError, OSError):
            failed += 1
            if time.monotonic() > end:
                raise
            time.sleep(min(0.05 * 2**tries, 1) * random.uniform(0.5, 1))
            tries += 1


client = retried(connect)
for i in range(1, writes + 1):
    retried(lambda: client.set(f"{prefix}:{i}", i))
    now = time.monotonic()
    longest, last = max(longest, now - last if last else 0), now
    if retried(lambda: client.get(f"{prefix}:{i}")) != str(i):
        missing += 1
    try:  # Not for twice: without an answer, nobody knows whether it was done.
        client.incr(f"{prefix}:count")
        counted += 1
    except (RedisError, OSError):
        unknown += 1
    time.sleep(pause)
result = {"failed": failed, "longest": round(longest * 1000), "missing": missing}
print(json.dumps({**result, "counted": counted, "unknown": unknown}))
