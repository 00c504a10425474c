"""The chain: JSON-RPC, transaction decoding, and the signing policy."""
