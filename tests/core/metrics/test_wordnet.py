"""WordNet's database files."""

import shutil
from pathlib import Path

import pytest

from ocr2.metrics.wordnet import WordNet


def synonyms(wordnet: WordNet, word: str) -> list[str]:
    return [lemma.name() for synset in wordnet.synsets(word) for lemma in synset.lemmas()]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Dog", ["dog", "hound", "Great_Dane", "dog"]),
        ("dogs", ["dog", "hound", "Great_Dane", "dog"]),
        ("geese", ["goose"]),
        ("great", ["big", "great"]),
        ("greatest", ["big", "great"]),
        ("runs", ["run"]),
        ("running", []),  # the rules do not know doubled consonants
        ("dogma", []),
        ("北京", []),
        ("", []),
    ],
)
def test_words_of_the_same_sense_are_found(wordnet_folder: Path, word: str, expected: list[str]) -> None:
    assert synonyms(WordNet(wordnet_folder), word) == expected


@pytest.mark.parametrize("place", [".", "dict", "wordnet", "corpora/wordnet"])
def test_the_usual_folders_are_understood(wordnet_folder: Path, tmp_path: Path, place: str) -> None:
    shutil.copytree(wordnet_folder, tmp_path / "data" / place)
    assert synonyms(WordNet(tmp_path / "data"), "big") == ["big", "great"]


def test_the_archive_of_nltk_data_is_understood(wordnet_folder: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "data/corpora/wordnet"), "zip", tmp_path, wordnet_folder.name)
    assert synonyms(WordNet(tmp_path / "data"), "big") == ["big", "great"]


def test_a_folder_without_wordnet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a folder with WordNet's files \(index.noun, .*, found none"):
        WordNet(tmp_path / "missing")


def test_missing_files_are_named(wordnet_folder: Path) -> None:
    (wordnet_folder / "data.adv").unlink()
    (wordnet_folder / "noun.exc").unlink()
    with pytest.raises(ValueError, match=r"WordNet's files data.adv, noun.exc are missing"):
        WordNet(wordnet_folder)


@pytest.mark.parametrize("line", ["dog", "dog n x 0 1 0 1", "dog n 2 0 2 0 00000001", "dog n 1 0 1 0 offset"])
def test_an_index_of_something_else_is_refused(wordnet_folder: Path, line: str) -> None:
    (wordnet_folder / "index.verb").write_text(f"  the licence\n{line}\n")
    with pytest.raises(ValueError, match=r"index.verb, line 2 is not WordNet's"):
        WordNet(wordnet_folder)


@pytest.mark.parametrize("content", ["", "00000000 00 n zz dog\n", "text\n"])
def test_data_that_do_not_fit_the_index_are_refused(wordnet_folder: Path, content: str) -> None:
    (wordnet_folder / "data.noun").write_text(content)
    with pytest.raises(ValueError, match=r"data.noun has no synset at \d+"):
        WordNet(wordnet_folder).synsets("dog")
