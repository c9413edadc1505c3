"""Read the example page: its Markdown, its least certain words, and the JSON beside it.

python examples/read_page.py
"""

from pathlib import Path

import ocr2


def main() -> None:
    """Read and show."""
    page = Path(__file__).with_name("page.pdf")
    document = ocr2.load("got-nano").read(page)
    print(document.to_markdown())
    for word in sorted(document.words(), key=lambda word: word.confidence)[:5]:
        print(f"{word.confidence:.2f}  {word.text}  {word.box.as_list()}")


if __name__ == "__main__":
    main()
