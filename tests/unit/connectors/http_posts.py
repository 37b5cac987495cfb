"""Posts to an HTTP source from many threads at once: PORT PATH POSTS EVENTS_EACH.

Each post has an Idempotency-Key; every third one is sent twice, at the same time. 429 and 503 are
tried again. Prints how many posts were answered with 200, and the sum of `accepted` over the keys.
"""

import http.client
import json
import sys
import threading
import time

port, path, posts, each = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
answers = {}
answered = 0
lock = threading.Lock()
go = threading.Event()


def send(number):
    global answered
    body = "".join(json.dumps({"type": "e", "post": number, "n": n}) + "\n" for n in range(each))
    go.wait()
    for _ in range(500):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", path, body, {
                "Content-Type": "application/x-ndjson", "Idempotency-Key": f"post-{number}"})
            response = connection.getresponse()
            status, text = response.status, response.read()
        except OSError as problem:  # the connection was closed before the answer: ask again
            status, text = 503, str(problem).encode()
        finally:
            connection.close()
        if status not in (429, 503):
            break
        time.sleep(0.02)
    with lock:
        if status == 200:
            answered += 1
        previous = answers.setdefault(number, text)
        if previous != text:
            answers[number] = b'{"accepted": -1000000}'


threads = [threading.Thread(target=send, args=(n,)) for n in range(posts)]
threads += [threading.Thread(target=send, args=(n,)) for n in range(0, posts, 3)]
for thread in threads:
    thread.start()
go.set()
for thread in threads:
    thread.join()
print(answered, sum(json.loads(text)["accepted"] for text in answers.values()))
