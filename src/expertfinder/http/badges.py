"""Badges: signed statements of help that people take away. The first key of a file signs them."""

from __future__ import annotations

import gzip
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.jwk import OKPKey

from expertfinder.ask.oneself.badges import PLACES
from expertfinder.ask.oneself.recognition import Recognition
from expertfinder.configuration.settings import PREFIX, InvalidSetting, Settings
from expertfinder.errors import NotReady

ALGORITHM: Final = "Ed25519"
"""The algorithm of signatures, by its full name. RFC 9864 gives up the name `EdDSA`, which leaves the curve open."""
CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
STATUS_CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2"]


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs. `keys`: a file with a JWKS; its first key has a private part. `address`: where people reach us."""

    keys: Path
    address: str

    def sign(self, credential: dict[str, Any]) -> str:
        """A credential as a JWT. Raises `NotReady` where the file cannot be used."""
        key = self._read()[0]
        if not key.is_private:
            raise NotReady(
                "the first key of the file of EXPERTFINDER_BADGE_KEYS cannot sign: `expertfinder key badges`"
            )
        head = {"alg": ALGORITHM, "typ": "vc+jwt", "kid": key.kid}
        return jws.serialize_compact(head, orjson.dumps(credential), key, algorithms=[ALGORITHM])

    def public(self) -> list[dict[str, Any]]:
        """The public keys, as JWKs, by which a badge is checked. Raises `NotReady` where the file cannot be used."""
        return [key.as_dict(private=False) for key in self._read()]

    def _read(self) -> list[OKPKey]:
        try:
            found = [OKPKey.import_key(key) for key in orjson.loads(self.keys.read_bytes())["keys"]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotReady("the file of EXPERTFINDER_BADGE_KEYS has no keys: run `expertfinder key badges`") from error
        if not found:
            raise NotReady("the file of EXPERTFINDER_BADGE_KEYS has no keys: run `expertfinder key badges`")
        return found

    def badge(self, number: int, about: Recognition, name: str, at: str) -> dict[str, Any]:
        """The credential of a person, not yet signed: their name and counts, nobody else's name.

        `number`: its place in the list of revoked badges; `at`: the moment from which it is valid, in ISO 8601.
        """
        return {
            "@context": CONTEXT,
            "id": f"{self.address}/badges/{number}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Help that worked",
            "issuer": {"id": self.address, "type": ["Profile"], "name": self.address.partition("://")[2]},
            "validFrom": at,
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "identifier": [
                    {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": name}
                ],
                "achievement": {
                    "id": f"{self.address}/badges/help-that-worked",
                    "type": ["Achievement"],
                    "name": "Help that worked",
                    "description": in_words(about),
                    "criteria": {
                        "narrative": "Colleagues accepted an answer, thanked for a post, or said that they were helped "
                        "by whom they had asked. Different people are counted, once each."
                    },
                    **({"tag": list(about.topics)} if about.topics else {}),
                },
            },
            "credentialStatus": {
                "id": f"{self.address}/badges/status#{number}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": str(number),
                "statusListCredential": f"{self.address}/badges/status",
            },
        }

    def status(self, gone: frozenset[int]) -> dict[str, Any]:
        """The credential that says which badges are revoked (`gone`: their numbers), not yet signed.

        It has one bit for each of `PLACES` numbers, most of which no badge ever has.
        """
        bits = bytearray(PLACES // 8)
        for number in gone:
            bits[number // 8] |= 0x80 >> (number % 8)
        packed = urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
        return {
            "@context": STATUS_CONTEXT,
            "id": f"{self.address}/badges/status",
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.address,
            "credentialSubject": {
                "id": f"{self.address}/badges/status#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": f"u{packed}",
            },
        }


def in_words(about: Recognition) -> str:
    """What a badge says of its person."""
    said = [
        f"{about.accepted} answers were accepted by {about.accepted_by} people" if about.accepted else "",
        f"{about.thanked_by} people gave thanks for {about.thanked} posts" if about.thanked else "",
        f"{about.helpful} people who had asked say that it helped" if about.helpful else "",
    ]
    return "; ".join(filter(None, said)) + "."


def signing_of(where: Settings) -> Signing | None:
    """The signing of the settings; `None` without keys. Raises `InvalidSetting` for keys without `PUBLIC_URL`."""
    if not where.badge_keys:
        return None
    if not where.public_url:
        raise InvalidSetting(
            f"{PREFIX}PUBLIC_URL is needed beside {PREFIX}BADGE_KEYS: whoever checks a badge asks there",
            setting=f"{PREFIX}PUBLIC_URL",
        )
    return Signing(Path(where.badge_keys), where.public_url.rstrip("/"))


def new_key(file: Path) -> int:
    """Put a new key first into a file that its owner alone may read, and keep the public parts of the earlier keys.

    Returns the number of earlier keys.
    """
    before: list[dict[str, Any]] = []
    if file.exists():
        before = [OKPKey.import_key(key).as_dict(private=False) for key in orjson.loads(file.read_bytes())["keys"]]
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM, "kid": secrets.token_hex(8)}, private=True)
    written = orjson.dumps({"keys": [key.as_dict(private=True), *before]}, option=orjson.OPT_INDENT_2)
    beside = file.with_name(f"{file.name}.new")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(written)
    beside.replace(file)
    return len(before)
