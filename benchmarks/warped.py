"""Photographs of pages, made of the frozen structured pages, to be measured by `benchmarks/documents.py`.

    python -m benchmarks.warped OUT --photos FOLDER --corpus runs/corpus/val.jsonl.gz --fonts runs/fonts
    python benchmarks/documents.py --data OUT --engines ocr2 tesseract rapidocr

Sixty pages of `benchmarks/structure.py` lie, bent and in perspective, on photographs of real surfaces, unevenly lit,
shadowed, blurred and compressed (`ocr2.synth.text_lines.wear`). The photographs must be none that training saw.
"""

import argparse
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.structure import frozen_pages
from ocr2.synth.text_lines.canvas import TextPage
from ocr2.synth.text_lines.wear import photograph

COUNT = 60
SEED = 20_261_130


def surfaces_in(folder: Path) -> list[NDArray[np.uint8]]:
    """Return the photographs in a folder and below, grey, in the order of their names."""
    paths = sorted(path for kind in ("*.jpg", "*.png") for path in folder.rglob(kind))
    found = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    return [np.asarray(image, np.uint8) for image in found if image is not None]


def main() -> None:
    """Draw the photographs and print their hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for images and data.jsonl")
    parser.add_argument("--photos", type=Path, required=True, help="folder of photographs of surfaces")
    parser.add_argument("--corpus", type=Path, default=Path("runs/corpus/val.jsonl.gz"))
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts"))
    args = parser.parse_args()
    surfaces = surfaces_in(args.photos)
    if not surfaces:
        raise SystemExit(f"no photographs (jpg, png) below {args.photos}")
    (args.out / "images").mkdir(parents=True, exist_ok=True)
    digest, rows = hashlib.sha256(), []
    for number, page in enumerate(frozen_pages(COUNT, args.corpus, args.fonts)):
        rng = np.random.default_rng([SEED, number])
        surface = surfaces[int(rng.integers(len(surfaces)))]

        def under(width: int, height: int, surface: NDArray[np.uint8] = surface) -> NDArray[np.float32]:
            return np.asarray(cv2.resize(surface, (width, height), interpolation=cv2.INTER_AREA), np.float32)

        photo = photograph(rng, TextPage(page.gray, [], np.zeros_like(page.gray)), under).pixels
        digest.update(photo.tobytes())
        name = f"images/{number:02d}.png"
        cv2.imwrite(str(args.out / name), photo)
        rows.append(json.dumps({"image": name, "text": "\n".join(block.text for block in page.blocks)}))
    (args.out / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{COUNT} photographs, sha256 {digest.hexdigest()}")


if __name__ == "__main__":
    main()
