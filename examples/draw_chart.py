"""Draw the example chart, chart.png: two series of bars with their values printed (needs Matplotlib).

python examples/draw_chart.py
"""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

CITIES = ("Oslo", "Bergen", "Turku", "Riga", "Gdansk", "Rostock")
RAIN = {"2023": (83, 211, 68, 61, 57, 52), "2024": (64, 183, 77, 70, 66, 61)}


def main() -> None:
    """Draw."""
    mpl.use("Agg")
    figure, axes = plt.subplots(figsize=(7, 4.2))
    for i, (year, values) in enumerate(RAIN.items()):
        places = [x + 0.4 * i - 0.2 for x in range(len(CITIES))]
        bars = axes.bar(places, values, 0.4, label=year, color=("#4477aa", "#ee8866")[i])
        axes.bar_label(bars, padding=2)
    axes.set_xticks(range(len(CITIES)), CITIES)
    axes.set(title="Rain in October", ylabel="mm", ylim=(0, 240))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend()
    figure.tight_layout()
    figure.savefig(Path(__file__).with_name("chart.png"), dpi=110)


if __name__ == "__main__":
    main()
