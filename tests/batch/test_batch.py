"""Batches: whatever happens, every page stands once in the results or in the list of failures."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ocr2.batch.estimate import estimate
from ocr2.batch.inputs import Input, content_hash, require_inputs, stamp_of, walk_inputs
from ocr2.batch.record import Record
from ocr2.batch.run import Batch, Tally
from ocr2.batch.settings import BatchSettings
from ocr2.batch.status import read_status
from ocr2.batch.worker import Began, Chunk, Finished, Look, Looked, Read, Ready
from ocr2.batch.workers import Died, Worker, Workers
from ocr2.errors import ModelError, OutputError
from ocr2.options import ReadOptions
from ocr2.results.document import Page

PAGES = 20  # of every file of the tests
Events = Iterator[Any]


def body_of(page: int, error: str | None = None) -> dict[str, Any]:
    page_read = Page(page, 10, 10, None, error=error)
    return {"page": page_read.to_dict(), "text": f"text {page}", "markdown": f"text {page}"}


class PlayedWorkers(Workers):
    """Processes that are played: a script says what each chunk becomes.

    Args:
        settings: Of the batch.
        play: Yields what a process tells of a task, `Died` for its end.
    """

    def __init__(self, settings: BatchSettings, play: Callable[[Look | Chunk], Events]) -> None:
        super().__init__(settings)
        self.play = play
        self.given: list[Look | Chunk] = []
        self._news: list[tuple[Worker, Events]] = []

    def _begin(self) -> Worker:
        worker = Worker(process=None, connection=None)  # type: ignore[arg-type]
        self._news.append((worker, iter([Ready("weights")])))
        workers = self

        class Line:
            def send(self, task: Look | Chunk) -> None:
                workers.given.append(task)
                workers._news.append((worker, workers.play(task)))

        worker.connection = Line()  # type: ignore[assignment]
        return worker

    def __exit__(self, *reason: object) -> None:
        """Nothing runs."""

    def replace(self, worker: Worker) -> None:
        self._news = [(other, events) for other, events in self._news if other is not worker]
        self.all[self.all.index(worker)] = self._begin()

    def hear(self, seconds: float) -> Iterator[tuple[Worker, Any]]:
        for worker, events in list(self._news):
            told = next(events, None)
            if told is None:
                self._news.remove((worker, events))
                continue
            if not isinstance(told, Died):
                self._note(worker, told)
            yield worker, told


def look(task: Look) -> Events:
    name = task.file.name
    yield Looked(task.file, stamp_of(task.file), content_hash(Path(name).read_bytes()), PAGES)


def well(task: Look | Chunk) -> Events:
    """Play a process to which nothing happens."""
    if isinstance(task, Look):
        yield from look(task)
        return
    for page in task.pages:
        yield Began(page)
        yield Read(page, body_of(page), 0.1, None)
    yield Finished(memory=1)


def dies_once(reason: str) -> Callable[[Look | Chunk], Events]:
    """Return how a process works whose first pages kill it."""
    deaths = iter([True])

    def play(task: Look | Chunk) -> Events:
        if isinstance(task, Chunk) and next(deaths, False):
            yield Began(task.pages[0])
            yield Died(reason)
            return
        yield from well(task)

    return play


def run(
    workspace: Path, *inputs: Path, play: Callable[[Look | Chunk], Events] = well, **changes: Any
) -> tuple[Tally, PlayedWorkers]:
    settings = BatchSettings(inputs=tuple(map(str, inputs)), workspace=workspace, **changes)
    made: list[PlayedWorkers] = []

    def make(settings: BatchSettings) -> Workers:
        made.append(PlayedWorkers(settings, play))
        return made[0]

    return Batch(settings, make_workers=make).run(), made[0]


def test_an_estimate_counts_the_pages_that_are_selected(folder: Path, tmp_path: Path) -> None:
    read: list[int] = []

    def play(task: Look | Chunk) -> Events:
        read.extend(task.pages if isinstance(task, Chunk) else ())
        yield from well(task)

    def settings(*inputs: Path, pages: str) -> BatchSettings:
        return BatchSettings(inputs=tuple(map(str, inputs)), workspace=tmp_path / "out", read=ReadOptions(pages=pages))

    found = estimate(settings(folder, pages="2"), make_workers=lambda s: PlayedWorkers(s, play))
    assert (found.files, found.pages, found.lost) == (3, 3, ())
    assert set(read) == {2}
    assert found.sampled == len(read)
    beyond = estimate(settings(folder, pages="99"), make_workers=lambda s: PlayedWorkers(s, play))
    assert beyond.pages == 0
    assert len(beyond.lost) == 3
    with pytest.raises(ValueError, match="no such file"):
        estimate(settings(tmp_path / "none.pdf", pages="1"), make_workers=lambda s: PlayedWorkers(s, play))


def rows_of(workspace: Path) -> list[dict[str, Any]]:
    paths = sorted((workspace / "results").glob("part-*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def failures_of(workspace: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (workspace / "failures.jsonl").read_text().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.png").write_bytes(name.encode())
    return folder


def keys(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return sorted((Path(row["source"]).name, row["page"]) for row in rows)


ALL = [(f"{name}.png", page) for name in "abc" for page in range(1, PAGES + 1)]


def test_every_page_is_a_row(tmp_path: Path, folder: Path) -> None:
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",), workers=3)
    assert keys(rows_of(tmp_path / "ws")) == ALL
    assert (tally.files, tally.pages, tally.done, tally.failed) == (3, 60, 60, 0)


def test_a_second_run_reads_nothing_again(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder, formats=("jsonl",))
    tally, workers = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert (tally.fresh, tally.done, workers.given) == (0, 60, [])
    assert keys(rows_of(tmp_path / "ws")) == ALL


def test_another_format_reads_nothing_again(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder, formats=("markdown",))
    tally, _ = run(tmp_path / "ws", folder, formats=("text", "json"))
    assert tally.fresh == 0
    assert sorted(p.name for p in (tmp_path / "ws" / "results").iterdir()) == [
        f"{name}.{suffix}" for name in "abc" for suffix in ("json", "md", "txt")
    ]


def test_other_options_read_everything_again(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder)
    tally, _ = run(tmp_path / "ws", folder, model="other")
    assert tally.fresh == 60


def test_a_lost_result_is_written_again_from_the_record(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder)
    (tmp_path / "ws" / "results" / "b.md").unlink()
    tally, _ = run(tmp_path / "ws", folder)
    assert tally.fresh == 0
    assert (tmp_path / "ws" / "results" / "b.md").exists()


def test_equal_files_are_read_once_and_have_results_each(tmp_path: Path, folder: Path) -> None:
    (folder / "b.png").write_bytes(b"a")
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert tally.fresh == 40
    assert keys(rows_of(tmp_path / "ws")) == ALL


def test_files_of_one_name_have_results_of_two(tmp_path: Path, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"other")
    run(tmp_path / "ws", folder)
    names = {p.name for p in (tmp_path / "ws" / "results").iterdir()}
    assert len(names) == 4
    run(tmp_path / "ws", folder)
    assert {p.name for p in (tmp_path / "ws" / "results").iterdir()} == names


def test_a_page_that_ends_its_process_twice_is_given_up_and_no_other(tmp_path: Path, folder: Path) -> None:
    def play(task: Look | Chunk) -> Events:
        for told in well(task):
            if isinstance(told, Read) and told.page == 5 and task.file.name.endswith("b.png"):
                yield Died("its process was killed (signal 9)")
                return
            yield told

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",), workers=2)
    assert keys(rows_of(tmp_path / "ws")) == ALL
    (failure,) = failures_of(tmp_path / "ws")
    assert (failure["page"], tally.failed) == (5, 1)
    assert "signal 9" in failure["reason"]


def test_a_process_that_dies_once_costs_nothing(tmp_path: Path, folder: Path) -> None:
    play = dies_once("its process was killed (signal 9)")
    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (0, ALL)


def test_a_page_that_fails_is_tried_in_other_ways_and_its_first_reason_is_told(tmp_path: Path, folder: Path) -> None:
    steps: dict[int, list[int]] = {}

    def play(task: Look | Chunk) -> Events:
        for told in well(task):
            if isinstance(told, Read) and isinstance(task, Chunk):
                page = told.page
                bad = task.file.name.endswith("a.png") and page in (3, 7)
                if bad:
                    steps.setdefault(page, []).append(task.step)
                fails = bad and (page == 7 or task.step < 2)
                error = f"page {page} fails at step {task.step}" if fails else None
                told = Read(page, body_of(page, error), 0.1, error)
            yield told

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert steps == {3: [0, 1, 2], 7: [0, 1, 2]}
    assert [f["reason"] for f in failures_of(tmp_path / "ws")] == ["page 7 fails at step 0"]
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (1, ALL)


def test_a_failed_page_is_tried_again_by_the_next_run(tmp_path: Path, folder: Path) -> None:
    def play(task: Look | Chunk) -> Events:
        for told in well(task):
            bad = isinstance(told, Read) and told.page == 2
            yield Read(2, body_of(2, "bad"), 0.0, "bad") if bad else told

    first, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    second, _ = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert (first.failed, second.failed, second.fresh) == (3, 0, 3)
    assert failures_of(tmp_path / "ws") == []
    rows = rows_of(tmp_path / "ws")
    assert keys(rows) == ALL
    assert all(row["error"] is None for row in rows)


def test_a_file_that_changed_between_runs_stands_once_in_the_rows(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder, formats=("jsonl",))
    (folder / "b.png").write_bytes(b"another content")
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert tally.fresh == 20
    assert keys(rows_of(tmp_path / "ws")) == ALL
    assert {row["model"] for row in rows_of(tmp_path / "ws")} == {"got-nano"}


def test_an_end_before_old_shards_are_renewed_leaves_no_double_rows(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ocr2.batch.results import RowResults

    run(tmp_path / "ws", folder, formats=("jsonl",))
    (folder / "b.png").write_bytes(b"another content")
    with monkeypatch.context() as patch:
        patch.setattr(RowResults, "_renew", lambda self: None)
        run(tmp_path / "ws", folder, formats=("jsonl",))
        assert len(rows_of(tmp_path / "ws")) == 80
    run(tmp_path / "ws", folder, formats=("jsonl",))
    assert keys(rows_of(tmp_path / "ws")) == ALL


def test_a_file_that_changes_is_looked_at_again(tmp_path: Path, folder: Path) -> None:
    changed = iter([True])

    def play(task: Look | Chunk) -> Events:
        if isinstance(task, Chunk) and task.file.name.endswith("c.png") and next(changed, False):
            Path(task.file.name).write_bytes(b"changed meanwhile")
            yield Finished(f"{task.file.name} changed while the batch ran", changed=True)
            return
        yield from well(task)

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert (tally.failed, tally.pages, keys(rows_of(tmp_path / "ws"))) == (0, 60, ALL)


def test_a_file_that_vanishes_is_told(tmp_path: Path, folder: Path) -> None:
    def play(task: Look | Chunk) -> Events:
        if isinstance(task, Look) and task.file.name.endswith("b.png"):
            yield Looked(task.file, stamp_of(task.file), "", 0, "b.png cannot be read: No such file or directory")
            return
        yield from well(task)

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert [Path(f["source"]).name for f in failures_of(tmp_path / "ws")] == ["b.png"]
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (1, [key for key in ALL if key[0] != "b.png"])


def test_too_many_failures_end_the_run_and_lose_nothing(tmp_path: Path, folder: Path) -> None:
    def play(task: Look | Chunk) -> Events:
        for told in well(task):
            yield Read(told.page, body_of(told.page, "bad"), 0.0, "bad") if isinstance(told, Read) else told

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",), max_failures=4)
    assert tally.stopped is not None
    assert "more than 4 failures" in tally.stopped
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (0, ALL)


def test_an_end_at_any_moment_leaves_every_page_once(tmp_path: Path, folder: Path) -> None:
    class End(BaseException):
        pass

    for moment in range(1, 90, 7):
        count = 0

        def play(task: Look | Chunk) -> Events:
            nonlocal count
            for told in well(task):
                count += 1
                if count == moment:  # noqa: B023 (called within the same turn)
                    raise End
                yield told

        workspace = tmp_path / f"ws{moment}"
        with pytest.raises(End):
            run(workspace, folder, play=play, formats=("jsonl",), workers=2, shard_rows=20)
        tally, _ = run(workspace, folder, formats=("jsonl",), workers=2, shard_rows=20)
        assert (tally.failed, keys(rows_of(workspace))) == (0, ALL)


def test_a_shard_that_no_record_knows_is_removed(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder, formats=("jsonl",))
    (tmp_path / "ws" / "results" / "part-00007.jsonl").write_text("half of it")
    run(tmp_path / "ws", folder, formats=("jsonl",))
    assert keys(rows_of(tmp_path / "ws")) == ALL


def test_selected_pages_alone_are_read(tmp_path: Path, folder: Path) -> None:
    from ocr2.options import ReadOptions

    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",), read=ReadOptions(pages="2-3,19-"))
    assert {page for _, page in keys(rows_of(tmp_path / "ws"))} == {2, 3, 19, 20}
    assert tally.pages == 12


def test_a_model_that_does_not_load_ends_the_batch(tmp_path: Path, folder: Path) -> None:
    class Broken(PlayedWorkers):
        def hear(self, seconds: float) -> Iterator[tuple[Worker, Any]]:
            yield self.all[0], Died("its process ended with code 1")

    settings = BatchSettings(inputs=(str(folder),), workspace=tmp_path / "ws")
    with pytest.raises(ModelError, match="could not load got-nano"):
        Batch(settings, make_workers=lambda s: Broken(s, well)).run()


def test_a_workspace_belongs_to_one_run(tmp_path: Path) -> None:
    record = Record(tmp_path)
    with pytest.raises(OutputError, match="another batch is at work"):
        Record(tmp_path)
    record.close()
    Record(tmp_path).close()


def test_a_full_disk_is_told_and_keeps_the_record(tmp_path: Path) -> None:
    record = Record(tmp_path)
    with record.writing():
        record.note("a", "1")
    record._db.execute("PRAGMA max_page_count = 1")

    def fill() -> None:
        with record.writing():
            for i in range(2000):
                record.note(f"name {i}", "x" * 4000)

    with pytest.raises(OutputError, match="what is in it is kept"):
        fill()
    assert record.fact("a") == "1"
    assert record.fact("name 0") is None
    record.close()


def test_a_workspace_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path, folder: Path) -> None:
    place = tmp_path / "file"
    place.write_text("no folder")
    with pytest.raises(OutputError, match="cannot write to"):
        Batch(BatchSettings(inputs=(str(folder),), workspace=place / "ws"))


def test_the_state_of_a_batch_can_be_asked(tmp_path: Path, folder: Path) -> None:
    (folder / "d.png").write_bytes(b"d")

    def play(task: Look | Chunk) -> Events:
        if isinstance(task, Look) and task.file.name.endswith("d.png"):
            yield Looked(task.file, stamp_of(task.file), "", 0, f"{task.file.name} is no picture")
            return
        yield from well(task)

    run(tmp_path / "ws", folder, play=play)
    status = read_status(tmp_path / "ws")
    assert (status.files, status.pages["done"], status.left) == ({"whole": 3, "lost": 1}, 60, 0)
    assert status.reasons == (("FILE is no picture", 1),)
    with pytest.raises(OutputError, match="no workspace"):
        read_status(folder)


def test_folders_patterns_and_lists_are_walked(tmp_path: Path, folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "page10.png").write_bytes(b"")
    (folder / "deep" / "page2.png").write_bytes(b"")
    (folder / "notes.txt").write_text("no document")
    inside = [one.inside for one in walk_inputs([str(folder)])]
    assert inside == ["a.png", "b.png", "c.png", "deep/page2.png", "deep/page10.png"]
    (tmp_path / "list.txt").write_text(f"{folder / 'a.png'}\n\n{folder / 'deep'}\n")
    assert len(list(walk_inputs([f"@{tmp_path / 'list.txt'}"]))) == 3
    assert [one.inside for one in walk_inputs([str(folder / "**" / "page*.png")])] == [
        "deep/page10.png",
        "deep/page2.png",
    ]
    (tmp_path / "empty").mkdir()
    for name, message in (
        (str(folder / "none.png"), "no such file"), (str(folder / "*.tif"), "matches no file"),
        (str(tmp_path / "empty"), "holds no PDF"), ("@none.txt", "no such list"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            require_inputs([name])
    require_inputs([str(folder), str(folder / "a.png"), f"@{tmp_path / 'list.txt'}", "-", "s3://bucket/*.pdf"])


def test_results_stay_below_their_folder() -> None:
    from ocr2.batch.results import _safe

    assert _safe("../../etc/./x.png") == "etc/x.png"


def test_another_selection_of_pages_reads_what_is_missing_and_no_more(tmp_path: Path, folder: Path) -> None:
    from ocr2.options import ReadOptions

    workspace = tmp_path / "ws"
    fresh = []
    for pages, wanted in (("1", [1]), (None, list(range(1, 21))), ("19-", [19, 20]), ("19-", [19, 20])):
        tally, _ = run(workspace, folder, formats=("jsonl",), read=ReadOptions(pages=pages))
        fresh.append(tally.fresh)
        assert keys(rows_of(workspace)) == [(f"{name}.png", page) for name in "abc" for page in wanted]
    assert fresh == [3, 57, 0, 0]


def test_a_selection_that_a_file_does_not_have_is_told(tmp_path: Path, folder: Path) -> None:
    from ocr2.options import ReadOptions

    for _ in range(2):
        tally, _ = run(tmp_path / "ws", folder, read=ReadOptions(pages="30"))
        assert tally.failed == 3


def test_everything_again_is_everything_once(tmp_path: Path, folder: Path) -> None:
    (folder / "b.png").write_bytes(b"a")
    run(tmp_path / "ws", folder, formats=("jsonl",))
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",), force=True)
    assert (tally.fresh, keys(rows_of(tmp_path / "ws"))) == (40, ALL)


def test_what_is_named_twice_is_done_once(tmp_path: Path, folder: Path) -> None:
    run(tmp_path / "ws", folder, folder / "a.png", folder, formats=("jsonl",))
    assert keys(rows_of(tmp_path / "ws")) == ALL


def test_a_failed_page_of_equal_files_fails_in_both(tmp_path: Path, folder: Path) -> None:
    (folder / "b.png").write_bytes(b"a")

    def play(task: Look | Chunk) -> Events:
        for told in well(task):
            bad = isinstance(told, Read) and told.page == 2
            yield Read(2, body_of(2, "bad"), 0.0, "bad") if bad else told

    run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert keys(rows_of(tmp_path / "ws")) == ALL
    assert sorted(Path(f["source"]).name for f in failures_of(tmp_path / "ws")) == ["a.png", "b.png", "c.png"]


def test_rows_stay_single_when_other_formats_and_losses_come_between(tmp_path: Path, folder: Path) -> None:
    workspace = tmp_path / "ws"
    run(workspace, folder, formats=("jsonl",))
    run(workspace, folder / "a.png", formats=("markdown",))
    run(workspace, folder, formats=("jsonl",))
    assert keys(rows_of(workspace)) == ALL

    def play(task: Look | Chunk) -> Events:
        if isinstance(task, Look):
            yield Looked(task.file, stamp_of(task.file), "", 0, "it is damaged")
        else:
            yield from well(task)

    (folder / "b.png").write_bytes(b"damaged")
    run(workspace, folder, play=play, formats=("jsonl",))
    assert keys(rows_of(workspace)) == [key for key in ALL if key[0] != "b.png"]
    (folder / "b.png").write_bytes(b"b")
    run(workspace, folder, formats=("jsonl",))
    assert keys(rows_of(workspace)) == ALL


def test_pages_of_a_chunk_that_ends_with_an_error_are_tried_one_by_one(tmp_path: Path, folder: Path) -> None:
    def play(task: Look | Chunk) -> Events:
        for event in well(task):
            yield event
            if event == Began(9) and isinstance(task, Chunk) and task.step == 0:
                yield Finished("not enough memory")
                return

    tally, _ = run(tmp_path / "ws", folder, play=play, formats=("jsonl",))
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (0, ALL)


def test_a_replacement_that_dies_is_replaced_too(tmp_path: Path, folder: Path) -> None:
    class Unlucky(PlayedWorkers):
        deaths = 0

        def replace(self, worker: Worker) -> None:
            super().replace(worker)
            if self.deaths < 3:
                self.deaths += 1
                new = next(w for w in self.all if not w.ready)
                self._news = [(w, iter([Died("killed")]) if w is new else events) for w, events in self._news]

    play = dies_once("killed")
    settings = BatchSettings(inputs=(str(folder),), workspace=tmp_path / "ws", formats=("jsonl",))
    tally = Batch(settings, make_workers=lambda s: Unlucky(s, play)).run()
    assert (tally.failed, keys(rows_of(tmp_path / "ws"))) == (0, ALL)


def test_handing_work_to_a_process_that_just_died_is_no_error() -> None:
    class Dead:
        def send(self, task: object) -> None:
            raise BrokenPipeError

    worker = Worker(process=None, connection=Dead(), ready=True)  # type: ignore[arg-type]
    worker.give(Look(Input("a.png", "a.png")))
    assert not worker.idle


def test_a_listed_file_that_is_gone_is_told_and_the_others_are_read(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "list").write_text(f"{folder / 'a.png'}\n{folder / 'gone.png'}\n{folder / 'c.png'}\n")
    tally, _ = run(tmp_path / "ws", Path(f"@{tmp_path / 'list'}"), formats=("jsonl",))
    assert (tally.failed, {name for name, _ in keys(rows_of(tmp_path / "ws"))}) == (1, {"a.png", "c.png"})


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_utf8_are_read_and_told(tmp_path: Path, folder: Path) -> None:
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(b"d")
    tally, _ = run(tmp_path / "ws", folder, formats=("jsonl",))
    assert (tally.failed, tally.done) == (0, 80)
    assert any(row["source"].endswith("caf\\xe9.png") for row in rows_of(tmp_path / "ws"))


def test_a_result_that_cannot_be_made_is_told_and_the_others_are_written(tmp_path: Path, folder: Path) -> None:
    tally, _ = run(tmp_path / "ws", folder, formats=("markdown", "searchable-pdf"))
    assert tally.failed == 3  # what stands in for pictures here is none
    assert all("searchable-pdf cannot be made" in f["reason"] for f in failures_of(tmp_path / "ws"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"formats": ("jsonl", "text")}, "written alone"), ({"workers": 0}, "workers"), ({"task": "guess"}, "task must")],
)
def test_settings_that_mean_nothing_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        BatchSettings(inputs=("x",), workspace=tmp_path, **changes)


def draw_pages(folder: Path, count: int) -> None:
    """Write small pages of bars, which are read fast; each is different."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for i in range(count):
        page = np.full((60, 160), 255, np.uint8)
        for x in rng.integers(10, 150, 6):
            page[25:37, x : x + 3] = 0
        Image.fromarray(page).save(folder / f"{i:03}.png")


def start(workspace: Path, folder: Path, *more: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "ocr2", "batch", str(folder), "-o", str(workspace), "-f", "jsonl", *more]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"})


def wait_for_pages(workspace: Path, count: int, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with sqlite3.connect(f"file:{workspace / 'record.sqlite'}?mode=ro", uri=True) as db:
                if db.execute("SELECT COUNT(*) FROM pages").fetchone()[0] >= count:
                    return
        except sqlite3.Error:
            pass
        time.sleep(0.05)
    raise AssertionError("the batch did not begin")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes as Linux tells of them")
def test_killed_processes_and_a_killed_parent_lose_nothing(tmp_path: Path) -> None:
    draw_pages(tmp_path / "in", 40)
    workspace = tmp_path / "ws"
    parent = start(workspace, tmp_path / "in", "--workers", "2")
    wait_for_pages(workspace, 5)
    for child in children_of_python(parent.pid)[:1]:
        os.kill(child, signal.SIGKILL)
    wait_for_pages(workspace, 15)
    parent.kill()
    parent.communicate()
    again = start(workspace, tmp_path / "in", "--workers", "2")
    _, told = again.communicate(timeout=240)
    assert again.returncode == 0, told.decode()
    assert keys(rows_of(workspace)) == [(f"{i:03}.png", 1) for i in range(40)]
    assert failures_of(workspace) == []


def children_of_python(pid: int) -> list[int]:
    """Return the workers among a process' children: the one that tracks resources is none."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (path / "stat").read_text(), (path / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status.rpartition(")")[2].split()[1]) == pid and b"spawn_main" in command:
            found.append(int(path.name))
    return found


@pytest.mark.slow
def test_a_stop_keeps_what_was_read(tmp_path: Path) -> None:
    draw_pages(tmp_path / "in", 20)
    workspace = tmp_path / "ws"
    parent = start(workspace, tmp_path / "in", "--workers", "1")
    wait_for_pages(workspace, 3)
    parent.send_signal(signal.SIGTERM)
    _, told = parent.communicate(timeout=60)
    assert parent.returncode == 143, told.decode()
    assert rows_of(workspace) == []  # no shard was whole
    again = start(workspace, tmp_path / "in", "--workers", "1")
    again.communicate(timeout=240)
    assert keys(rows_of(workspace)) == [(f"{i:03}.png", 1) for i in range(20)]
