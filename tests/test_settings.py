from pathlib import Path

import pytest

from search_service import settings
from search_service.errors import InvalidValue, UnknownName


def test_flag_wins_over_environment_over_file(tmp_path: Path) -> None:
    config = tmp_path / "x.toml"
    config.write_text('port = 1\nhost = "file"\narchive_name = "Carpets"\n', encoding="utf-8")
    environ = {"SEARCH_SERVICE_PORT": "2", "SEARCH_SERVICE_HOST": "environment"}
    loaded = settings.load(config, environ, port=3)
    assert (loaded.port, loaded.host, loaded.archive_name) == (3, "environment", "Carpets")


def test_a_flag_that_was_not_given_decides_nothing() -> None:
    assert settings.load(None, {"SEARCH_SERVICE_PORT": "81"}, port=None).port == 81


def test_paths_in_the_file_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('corpus = "texts"\nindex = "/srv/i"\n', encoding="utf-8")
    loaded = settings.load(tmp_path / "x.toml", {})
    assert (loaded.corpus, loaded.index) == (tmp_path / "texts", Path("/srv/i"))


def test_the_file_in_the_working_directory_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / settings.CONFIG_FILE).write_text("port = 7", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert settings.load(None, {}).port == 7


def test_unknown_names_are_refused_and_the_likeliest_comes_first(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="choose one of corpus"):
        settings.load(None, {"SEARCH_SERVICE_CORPSE": "x"})
    (tmp_path / "x.toml").write_text("prot = 1", encoding="utf-8")
    with pytest.raises(UnknownName, match="choose one of port"):
        settings.load(tmp_path / "x.toml", {})
    with pytest.raises(UnknownName):
        settings.load(None, {}, colour="red")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("file_memory", "512 MB", 512_000_000),
        ("file_memory", "1GiB", 2**30),
        ("file_seconds", "1.5m", 90.0),
        ("file_seconds", 30, 30.0),
        ("reindex_every", "15m", 900.0),
        ("reindex_every", "never", None),
        ("languages", "az, en,", ("az", "en")),
        ("public", "yes", True),
        ("path_prefix", "archive/", "/archive"),
        ("public_url", "https://example.org/", "https://example.org"),
    ],
)
def test_values_as_people_write_them(name: str, value: object, expected: object) -> None:
    assert getattr(settings.load(None, {}, **{name: value}), name) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "65536"),
        ("port", "eighty"),
        ("workers", 0),
        ("workers", True),
        ("file_memory", "much"),
        ("file_seconds", "-1"),
        ("public", "perhaps"),
        ("public_url", "example.org"),
        ("path_prefix", "/a b"),
    ],
)
def test_values_that_cannot_be_used_are_named_with_a_cure(name: str, value: object) -> None:
    with pytest.raises(InvalidValue, match=r"--[a-z-]+ cannot be .*: "):
        settings.load(None, {}, **{name: value})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("port = ", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"x\.toml"):
        settings.load(tmp_path / "x.toml", {})
    with pytest.raises(InvalidValue, match=r"missing\.toml"):
        settings.load(tmp_path / "missing.toml", {})


def test_settings_survive_the_way_to_another_process(tmp_path: Path) -> None:
    given = settings.Settings(
        corpus=tmp_path, languages=("az", "en"), public=True, reindex_every=1.5, port=81
    )
    assert settings.load(None, given.environment()) == given
    assert settings.Settings().environment() == {}


def test_every_setting_has_help_and_accepts_its_own_default() -> None:
    defaults = settings.Settings()
    for name in settings.FIELDS:
        assert settings.help_of(name).endswith("."), name
        value = getattr(defaults, name)
        if value is not None:
            assert getattr(settings.load(None, {}, **{name: value}), name) == value
