"""The cryptography of docs/format.md, sections 1, 3, 5 and 6, with libsodium and hashlib.

Written from that document, independently of the program.
"""

import ctypes
import ctypes.util
import hashlib
import hmac
import os
import struct

LIBRARY = ctypes.util.find_library("sodium")
SODIUM = ctypes.CDLL(LIBRARY) if LIBRARY else None


def problem():
    """Returns why nothing can be signed here; None if it can."""
    if not SODIUM or SODIUM.sodium_init() < 0:
        return "libsodium is not installed"
    if not SODIUM.crypto_aead_aes256gcm_is_available():
        return "libsodium has no AES-256-GCM on this processor"
    return None


def pae(*pieces):
    """Returns the PAE of text, bytes, numbers and lists of these."""
    return struct.pack("<Q", len(pieces)) + b"".join(
        struct.pack("<Q", len(data)) + data for data in map(piece, pieces))


def piece(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int):
        return struct.pack("<Q", value)
    return pae(*value) if isinstance(value, list) else bytes(value)


def pieces(data):
    """Returns the pieces of a PAE."""
    found, at = [], 8
    for _ in range(int.from_bytes(data[:8], "little")):
        size = int.from_bytes(data[at:at + 8], "little")
        found.append(data[at + 8:at + 8 + size])
        at += 8 + size
    return found


def b2b(key, purpose, data, size):
    return hashlib.blake2b(data, digest_size=size, key=key, person=purpose.encode()).digest()


def sha(data):
    return hashlib.sha256(data).digest()


class SigningKey:
    """An Ed25519 key from a seed of 32 bytes."""

    def __init__(self, seed):
        public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(public, self.secret, seed)
        self.public = public.raw

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), self.secret)
        return signature.raw


def x25519(secret, public=None):
    """Returns the shared secret; without a public key, the public key of `secret`."""
    out = ctypes.create_string_buffer(32)
    if public is None:
        SODIUM.crypto_scalarmult_base(out, secret)
    elif SODIUM.crypto_scalarmult(out, secret, public) != 0:
        raise ValueError("a point of low order")
    return out.raw


def aes(key, nonce, aad, message, opens=False):
    """AES-256-GCM: returns `ciphertext ‖ tag`; with `opens`, the message."""
    name = "decrypt" if opens else "encrypt"
    out, size = ctypes.create_string_buffer(len(message) + 16), ctypes.c_ulonglong()
    lengths = ctypes.c_ulonglong(len(message)), ctypes.c_ulonglong(len(aad))
    if opens:
        code = SODIUM.crypto_aead_aes256gcm_decrypt(
            out, ctypes.byref(size), None, message, lengths[0], aad, lengths[1], nonce, key)
    else:
        code = SODIUM.crypto_aead_aes256gcm_encrypt(
            out, ctypes.byref(size), message, lengths[0], aad, lengths[1], None, nonce, key)
    if code != 0:
        raise ValueError(f"cannot {name}")
    return out.raw[:size.value]


def pad(message):
    return message + b"\x80" + bytes(-(len(message) + 1) % 64)


def seal(key, purpose, aad, message):
    """Returns a seal (section 3)."""
    salt = os.urandom(32)
    derived = b2b(key, purpose, salt, 64)
    return b"\x01" + salt + derived[32:] + aes(derived[:32], bytes(12), aad, pad(message))


def unseal(key, purpose, aad, blob):
    """Returns the message of a seal; raises ValueError if it is invalid or made with another key."""
    derived = b2b(key, purpose, blob[1:33], 64)
    if blob[0] != 1 or len(blob) < 145 or (len(blob) - 81) % 64 or derived[32:] != blob[33:65]:
        raise ValueError("not a seal by this key")
    padded = aes(derived[:32], bytes(12), aad, blob[65:], opens=True)
    message = padded.rstrip(b"\0")
    if not message.endswith(b"\x80") or len(padded) - len(message) > 63:
        raise ValueError("wrong padding")
    return message[:-1]


KEM, SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"


def extract(suite, salt, label, data):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + data, "sha256")


def expand(suite, key, label, info, size):
    info = struct.pack(">H", size) + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, info + b"\x01", "sha256")[:size]


def hpke(dh, enc, public, info):
    """Returns key and nonce of an HPKE box (section 1)."""
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + public, 32)
    context = b"\0" + extract(SUITE, b"", b"psk_id_hash", b"") + extract(SUITE, b"", b"info_hash", info)
    secret = extract(SUITE, shared, b"secret", b"")
    return expand(SUITE, secret, b"key", context, 32), expand(SUITE, secret, b"base_nonce", context, 12)


def box(public, info, message):
    """Seals a message to a public key."""
    ephemeral = os.urandom(32)
    enc = x25519(ephemeral)
    return enc + aes(*hpke(x25519(ephemeral, public), enc, public, info), b"", message)


def unbox(secret, info, blob):
    """Opens a box with a private key."""
    enc, public = blob[:32], x25519(secret)
    return aes(*hpke(x25519(secret, enc), enc, public, info), b"", blob[32:], opens=True)
