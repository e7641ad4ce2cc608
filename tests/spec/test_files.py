"""Files that give no text, each with one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.errors import SpecError
from harvester.spec.load_spec import load
from tests.spec.support_spec import ANY, ENTITIES, TODAY, mistakes, understood

GOOD = f"name: x\n{ENTITIES}{ANY}"


def _said(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load(path, today=TODAY)
    assert caught.value.exit_code == 2
    assert str(caught.value) == "\n".join(caught.value.mistakes)
    return caught.value.mistakes


def test_a_spec_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(GOOD)
    assert load(path, today=TODAY).name == "x"


def test_mistakes_name_the_file_as_the_user_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("job.yaml").write_text("name: x\ndimensions: 3\n")
    assert _said(Path("job.yaml")) == [
        "job.yaml:2:13: dimensions: 'dimensions' is a list: begin each entry with '- endpoint: …'"
    ]


def test_a_spec_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    sentence = "there is no such file: `harvester init` writes a spec to start from"
    assert _said(path) == [f"{path}: {sentence}"]


def test_a_folder_instead_of_a_spec_is_refused(tmp_path: Path) -> None:
    sentence = "this is a folder: name the spec in it, such as job.yaml"
    assert _said(tmp_path) == [f"{tmp_path}: {sentence}"]


def test_a_spec_below_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(GOOD)
    assert _said(path / "x") == [f"{path / 'x'}: cannot be read: Not a directory"]


def test_a_spec_whose_name_no_file_can_have_is_refused() -> None:
    assert _said(Path("a\0b\n")) == [r"'a\x00b\n': this is no name of a file"]


def test_a_spec_larger_than_16_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    assert _said(path) == [f"{path}: larger than 16 MB: a spec of 20,000 ids has 0.2 MB"]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert understood(GOOD.encode("utf-8-sig")) == understood(GOOD)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_spec_in_utf_16_or_utf_32_is_refused_with_the_fix(encoding: str) -> None:
    assert mistakes(GOOD.encode(encoding)) == [
        "1:1: the file is UTF-16 or UTF-32: save it as UTF-8"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b"name: x\ncontact: caf\xe9\n",
            ("2:13: byte 20 (0xE9, perhaps 'é' of Windows-1252) is not UTF-8: save the file as "
            "UTF-8"),
        ),
        (b"\xef\xbb\xbfname: x\n\x81", "2:1: byte 11 (0x81) is not UTF-8: save the file as UTF-8"),
        (b"\xc3\xa9: \xe2\x82", ("1:4: byte 4 (0xE2, perhaps 'â' of Windows-1252) is not UTF-8: "
         "save the file as UTF-8")),
    ],
)  # fmt: skip
def test_bytes_that_are_not_utf8_are_refused_with_their_place(content: bytes, said: str) -> None:
    assert mistakes(content) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\n  \0", "2:3: a control character (U+0000) has no place in a spec: delete it"),
        ('name: "\x1b"', "1:8: a control character (U+001B) has no place in a spec: delete it"),
        ("name: x\ufeff", "1:8: a control character (U+FEFF) has no place in a spec: delete it"),
    ],
)
def test_control_characters_are_refused_with_their_place(text: str, said: str) -> None:
    assert mistakes(text) == [said]
