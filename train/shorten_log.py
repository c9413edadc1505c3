"""Keep what a run's log says: evaluations and every tenth line of losses, without process details.

python -m ocr2.train.shorten_log runs/got-nano/log.jsonl train/logs/got-nano.jsonl
"""

import json
import sys
from pathlib import Path

KEEP_EVERY = 10


def main() -> None:
    """Write the short log and print its evaluations as a Markdown table."""
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    losses = [row for row in rows if row["kind"] == "train"][::KEEP_EVERY]
    scores = [row for row in rows if row["kind"] != "train"]
    kept = sorted(losses + scores, key=lambda row: (row["step"], row["kind"]))
    for row in kept:
        del row["pid"], row["time"]
    text = "".join(json.dumps(row) + "\n" for row in kept)
    Path(sys.argv[2]).write_text(text, encoding="utf-8")
    print("| phase | step | strips | core-hours | CTC CER % | AR CER % |\n| --- | --- | --- | --- | --- | --- |")
    for row in scores:
        phase = "decay" if row["kind"] == "eval-decay" else "constant"
        print(
            f"| {phase} | {row['step']:,} | {row['samples']:,} | {row['core_hours']:.2f} "
            f"| {row['ctc_cer']:.2f} | {row['ar_cer']:.2f} |"
        )


if __name__ == "__main__":
    main()
