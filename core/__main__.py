"""`python -m ocr2` is the command `ocr2`."""

from ocr2.cli.main import main

if __name__ == "__main__":
    main()
