"""Names and phrases for charts: word lists of Debian packages and phrases of a text corpus, split by a hash.

Debian packages: miscfiles (countries, cities, currencies, languages, airports), wamerican-huge, the corpus of
`ocr2.synth.corpus`.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocr2.synth.corpus import Corpus

MISC = Path("/usr/share/misc")
VALIDATION_SHARE = 0.15  # share of the names that is held out, by hash
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNITS = (
    "kg",
    "t",
    "km",
    "m",
    "cm",
    "mm",
    "h",
    "min",
    "s",
    "ms",
    "kWh",
    "GW",
    "MW",
    "MB",
    "GB",
    "°C",
    "°F",
    "ha",
    "L",
    "people",
    "units",
    "points",
    "USD",
    "EUR",
    "GBP",
    "USD millions",
    "thousands",
    "millions",
    "per 1,000",
    "index",
    "%",
    "mg/L",
    "km/h",
    "Mbit/s",
    "ppm",
    "dB",
    "hours per week",
    "persons",
    "votes",
    "visits",
)
MEASURES = (
    "Revenue",
    "Sales",
    "Population",
    "Price",
    "Cost",
    "Profit",
    "Growth",
    "Share",
    "Number of visitors",
    "Score",
    "Rate",
    "Output",
    "Exports",
    "Imports",
    "Temperature",
    "Rainfall",
    "Employment",
    "Unemployment rate",
    "Average age",
    "Income",
    "Expenditure",
    "Emissions",
    "Energy use",
    "Accuracy",
    "Error",
    "Time",
    "Distance",
    "Speed",
    "Weight",
    "Height",
    "Frequency",
    "Count",
    "Votes",
    "Downloads",
    "Users",
    "Orders",
    "Production",
    "Consumption",
    "Yield",
    "Area",
    "Debt",
    "Budget",
    "Wages",
    "Births",
    "Deaths",
    "Life expectancy",
    "Density",
    "Traffic",
    "Latency",
    "Throughput",
    "Market share",
    "Respondents",
    "Percentage of respondents",
    "Value",
    "Amount",
    "Total",
    "Median",
    "Mean",
    "Investment",
    "Turnover",
    "Students",
    "Patients",
    "Cases",
)
GROUPS = (
    ("Male", "Female"),
    ("Men", "Women"),
    ("Yes", "No"),
    ("Yes", "No", "Don't know"),
    ("Urban", "Rural"),
    ("Low", "Medium", "High"),
    ("Agree", "Neutral", "Disagree"),
    ("Actual", "Forecast"),
    ("Before", "After"),
    ("Plan", "Actual"),
    ("Train", "Test"),
    ("Control", "Treatment"),
    ("North", "South", "East", "West"),
    ("Small", "Medium", "Large"),
    ("Primary", "Secondary", "Tertiary"),
    ("Coal", "Gas", "Oil", "Nuclear", "Wind", "Solar"),
    ("Strongly agree", "Agree", "Neutral", "Disagree", "Strongly disagree"),
    ("Exports", "Imports"),
    ("Gold", "Silver", "Bronze"),
    ("18-24", "25-34", "35-44", "45-54", "55-64", "65+"),
    ("0-14", "15-29", "30-44", "45-59", "60-74", "75 and over"),
    ("Spring", "Summer", "Autumn", "Winter"),
    ("Q1", "Q2", "Q3", "Q4"),
    ("A", "B", "C", "D", "E", "F", "G", "H"),
    ("Group 1", "Group 2", "Group 3", "Group 4"),
    ("Baseline", "Ours", "Ours + pretraining"),
    ("mean", "median", "max"),
    ("Desktop", "Mobile", "Tablet"),
    ("Food", "Housing", "Transport", "Health", "Education", "Leisure", "Other"),
)
SOURCES = ("Source: {}", "Data: {}", "Source: {}, {}", "Note: {}", "{}, {}", "Source: own calculations, {}")
ORGANISATIONS = (
    "World Bank",
    "Eurostat",
    "OECD",
    "IMF",
    "United Nations",
    "WHO",
    "Statista",
    "Our World in Data",
    "FAO",
    "Census Bureau",
    "IEA",
    "UNESCO",
    "ILO",
    "Pew Research Center",
    "Annual report",
    "company filings",
    "national statistics office",
    "survey of members",
    "author's calculation",
)
PHRASE = re.compile(r"[A-Za-z][a-z]+(?:[ -][a-z]{2,}){0,3}")


@dataclass(frozen=True)
class Words:
    """Names and phrases of one split."""

    names: dict[str, tuple[str, ...]]  # lists of names by kind
    phrases: tuple[str, ...]  # a few words each

    @classmethod
    def load(cls, corpus: Path, *, held_out: bool) -> "Words":
        """Gather the words of the training split or of the held-out one.

        Args:
            corpus: A file of `ocr2.synth.corpus` of the same split.
            held_out: Whether names are those of the validation split.
        """
        lists = {kind: tuple(n for n in names if _held_out(n) == held_out) for kind, names in _name_lists().items()}
        prose = Corpus.load(corpus).paragraphs["prose"]
        step = max(1, len(prose) // 4000)
        phrases = tuple(m.group() for text in prose[::step] for m in list(PHRASE.finditer(text))[:12])
        return cls(lists, tuple(p for p in phrases if 3 <= len(p) <= 40))

    def phrase(self, rng: np.random.Generator) -> str:
        """Draw a phrase, often capitalised."""
        text = self.phrases[int(rng.integers(len(self.phrases)))]
        return text[:1].upper() + text[1:] if rng.random() < 0.8 else text

    def some(self, kind: str, count: int, rng: np.random.Generator) -> list[str]:
        """Draw different names of a kind."""
        names = self.names[kind]
        return [names[int(i)] for i in rng.choice(len(names), size=min(count, len(names)), replace=False)]


def _held_out(name: str) -> bool:
    return hashlib.sha256(name.encode()).digest()[0] < 256 * VALIDATION_SHARE


def _name_lists() -> dict[str, tuple[str, ...]]:
    lists = {
        "country": [row[3] for row in _rows("countries.gz", ":", 5)],
        "code": [row[2] for row in _rows("countries.gz", ":", 5)],
        "capital": [row[4] for row in _rows("countries.gz", ":", 5) if row[4]],
        "language": [row[1] for row in _rows("languages.gz", ":", 2)],
        "currency": [row[0] for row in _rows("currency.gz", ":", 3)],
        "city": [row[4] for row in _rows("airport.gz", ":", 5) if row[4] and "|" not in row[4]],
        "person": _lines(Path("/usr/share/dict/propernames.gz")),
    }
    return {kind: tuple(sorted({n.strip() for n in names if 1 < len(n.strip()) < 34})) for kind, names in lists.items()}


def _rows(name: str, separator: str, columns: int) -> list[list[str]]:
    rows = [line.split(separator) for line in _lines(MISC / name) if not line.startswith("#")]
    return [row for row in rows if len(row) >= columns]


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines:
        return [line.rstrip("\n") for line in lines]
