"""The secret of a catalogue: it signs the rows of sheets, and keys hashes of records."""

import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa

from mapping.catalogue.database import calibration_keys

KEY_BYTES = 32


def secret_of(connection: sa.Connection) -> bytes:
    """Give the secret; made once, it stays in the catalogue. For a transaction that writes."""
    first = sa.select(calibration_keys.c.secret).order_by(calibration_keys.c.key_id).limit(1)
    secret = connection.execute(first).scalar()
    if secret is None:
        secret = secrets.token_hex(KEY_BYTES)
        row = {"secret": secret, "created_at": datetime.now(UTC)}
        connection.execute(sa.insert(calibration_keys), [row])
    return bytes.fromhex(secret)


def hash_with(key: bytes) -> Callable[[str], str]:
    """Give a hash of records that confirms no guess to whoever has not the key."""
    return lambda text: hmac.digest(key, f"record: {text}".encode(), "sha256").hex()
