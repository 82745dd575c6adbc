"""The keys by which anybody checks a badge."""

from __future__ import annotations

from pydantic import BaseModel, Field


class BadgeKeyOut(BaseModel):
    """The public part of a key (RFC 8037)."""

    kty: str = Field(examples=["OKP"])
    crv: str = Field(examples=["Ed25519"])
    x: str
    kid: str
    use: str = Field(examples=["sig"])
    alg: str = Field(examples=["Ed25519"])


class BadgeKeysOut(BaseModel):
    """The key that signs first; those of before stay, for what they signed (RFC 7517)."""

    keys: list[BadgeKeyOut]
