"""What is sealed opens with the one key and with no other."""

from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from campaigns.db.sealing import _Keyring, disguised, fingerprint, open_sealed, recognised, seal, use_key

KEY, OTHER = bytes(range(32)), bytes(32)


@pytest.fixture(autouse=True)
def key() -> Iterator[None]:
    """Each test starts with the one key, and leaves the one that was there."""
    before = _Keyring.cipher, _Keyring.hash_key
    use_key(KEY)
    yield
    _Keyring.cipher, _Keyring.hash_key = before


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_is_opened(words: str) -> None:
    assert open_sealed(seal(words)) == words


def test_the_same_words_never_look_the_same() -> None:
    assert len({seal("Maria") for _ in range(100)}) == 100


def test_another_key_opens_nothing() -> None:
    sealed = seal("Maria")
    use_key(OTHER)
    with pytest.raises(InvalidTag):
        open_sealed(sealed)


@given(st.binary(min_size=16, max_size=16))
def test_a_disguise_is_the_same_for_one_purpose_and_known_again_by_the_key_alone(block: bytes) -> None:
    disguise = disguised("one", block)
    assert disguise == disguised("one", block) != block
    assert recognised("one", disguise) == block != recognised("another", disguise)
    use_key(OTHER)
    assert recognised("one", disguise) != block
    use_key(KEY)


def test_every_byte_is_guarded_but_the_mark_of_the_format() -> None:
    sealed = seal("Maria")
    for place in range(1, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(InvalidTag):
            open_sealed(bytes(changed))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        use_key(bytes(size))


@pytest.mark.parametrize("act", [lambda: seal("Maria"), lambda: fingerprint("e-mail", "maria@example.org")])
def test_without_a_key_nothing_is_sealed_or_hashed(act: object) -> None:
    _Keyring.cipher = None
    with pytest.raises(RuntimeError, match="no encryption key"):
        act()  # type: ignore[operator]


def test_a_fingerprint_is_the_same_for_the_same_key_kind_and_value_alone() -> None:
    mine = fingerprint("e-mail", "maria@example.org")
    assert fingerprint("e-mail", "maria@example.org") == mine
    assert fingerprint("phone", "maria@example.org") != mine
    assert fingerprint("e-mail", "marta@example.org") != mine
    use_key(OTHER)
    assert fingerprint("e-mail", "maria@example.org") != mine
