"""Encryption at rest and keyed hashes, under one key that never stands in the database.

A process serves one site, so the key is set once, by the factory.
"""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"  # which key and cipher; a second key takes \x02


class _Keyring:
    cipher: AESGCM | None = None
    hash_key: bytes = b""


def use_key(key: bytes) -> None:
    """Seal and open with `key` (32 bytes) from now on. Raises ValueError for another length."""
    if len(key) != KEY_BYTES:
        raise ValueError("the encryption key has 32 bytes")
    _Keyring.cipher = AESGCM(derived(key, b"seal"))
    _Keyring.hash_key = derived(key, b"fingerprint")


def derived(key: bytes, purpose: bytes) -> bytes:
    """Return the key for one purpose (HKDF-Expand with a single block, RFC 5869)."""
    return hmac.digest(key, purpose + b"\x01", hashlib.sha256)


def _cipher() -> AESGCM:
    if _Keyring.cipher is None:
        raise RuntimeError("no encryption key was set")
    return _Keyring.cipher


def seal(text: str) -> bytes:
    """Return `text` encrypted and authenticated (AES-256-GCM, random nonce)."""
    return seal_bytes(text.encode())


def seal_bytes(content: bytes) -> bytes:
    """Return `content` encrypted and authenticated (AES-256-GCM, random nonce)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + nonce + _cipher().encrypt(nonce, content, _FORMAT)


def open_sealed(data: bytes) -> str:
    """Return the text sealed in `data`. Raises cryptography.exceptions.InvalidTag for another key or a changed byte."""
    return open_sealed_bytes(data).decode()


def open_sealed_bytes(data: bytes) -> bytes:
    """Return what is sealed in `data`. Raises cryptography.exceptions.InvalidTag for another key or a changed byte."""
    nonce, body = data[1 : 1 + _NONCE_BYTES], data[1 + _NONCE_BYTES :]
    return _cipher().decrypt(nonce, body, _FORMAT)


def disguised(purpose: str, block: bytes) -> bytes:
    """Return `block` (16 bytes) as nobody without the key can read it: always the same for one purpose.

    One block of AES-256 under a key of the purpose alone. `recognised` turns it back.
    """
    step = _one_block(purpose).encryptor()
    return step.update(block) + step.finalize()


def recognised(purpose: str, block: bytes) -> bytes:
    """Return the block that `disguised` was given; of anything else, 16 bytes that mean nothing."""
    step = _one_block(purpose).decryptor()
    return step.update(block) + step.finalize()


def _one_block(purpose: str) -> Cipher[ECB]:
    return Cipher(AES(fingerprint("disguise", purpose)), ECB())  # noqa: S305 - one block, so no pattern of blocks


def fingerprint(kind: str, value: str) -> bytes:
    """Return the keyed hash by which `value` can be found but not read. `kind` keeps uses apart."""
    _cipher()
    return hmac.digest(_Keyring.hash_key, f"{kind}\x00{value}".encode(), hashlib.sha256)
