"""SCIM 2.0 (RFC 7643, RFC 7644): the identity provider pushes people and groups, and takes them away at once."""
