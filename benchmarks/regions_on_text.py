"""What looking for pictures costs and does on real pages of text: `ocr2.read` with and without `regions`, in one run.

    python benchmarks/regions_on_text.py --data DIR

DIR holds page_debian_pdf, page_tesseract and receipt_sroie; their English images are read. Such pages have hardly
any pictures, so what is taken out of them is lost text. Error: all edits over all characters, white space collapsed,
with a 95 % bootstrap interval over images; receipts are annotated in capitals, so case does not count there.
"""

import argparse
import json
import time
from pathlib import Path

import ocr2
from ocr2.metrics.text import bootstrap_interval, edit_counts, micro_error, normalise

FOLDERS = ("page_debian_pdf", "page_tesseract", "receipt_sroie")
CAPITALS = ("receipt_sroie",)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    args = parser.parse_args()
    engine = ocr2.load()
    for folder in FOLDERS:
        lines = (args.data / folder / "data.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row.get("lang", "en") == "en"]
        for regions in (False, True):
            texts, pictures, seconds = [], 0, 0.0
            for row in rows:
                started = time.perf_counter()
                document = engine.read(args.data / folder / row["image"], regions=regions)
                seconds += time.perf_counter() - started
                pages = [block for page in document.pages for block in page.blocks]
                pictures += sum(block.part is not None for block in pages)
                texts.append(" ".join(line.text for block in pages for line in block.lines))
            truth = [normalise(row["text"]) for row in rows]
            found = [normalise(text) for text in texts]
            if folder in CAPITALS:
                truth, found = [t.upper() for t in truth], [t.upper() for t in found]
            counts = edit_counts(truth, found)
            low, high = bootstrap_interval(counts)
            print(
                f"{folder:<16} regions {'on ' if regions else 'off'} error {micro_error(counts):.2f} % "
                f"[{low:.2f}, {high:.2f}], {pictures} pictures, {seconds / len(rows):.2f} s an image, n {len(rows)}"
            )


if __name__ == "__main__":
    main()
