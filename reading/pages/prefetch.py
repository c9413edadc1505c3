"""Making things in the background, a few ahead of their use."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")

POLL = 0.1  # seconds between looks at whether the reader of the queue is gone


class _End:
    """What the background leaves last: why it stopped."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetch(items: Iterator[Item], *, depth: int) -> Iterator[Item]:
    """Yield what an iterator yields, made in a thread of its own, at most `depth` items ahead.

    The thread ends when the items do or when the generator is closed, after the item that it is making; the iterator is
    closed there. An error of the iterator comes out here, after the items before it.
    """
    made: queue.Queue[Item | _End] = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def put(item: Item | _End) -> None:
        while not stop.is_set():
            try:
                made.put(item, timeout=POLL)
                return
            except queue.Full:
                continue

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    break
        except BaseException as raised:
            error = raised
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()
        put(_End(error))

    thread = threading.Thread(target=work, daemon=True, name="ocr2-ahead")
    thread.start()
    try:
        while True:
            item = made.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        thread.join()
