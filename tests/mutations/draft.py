"""A transaction in parts that can be changed freely, and written even where it makes no sense any more."""

import base64
from dataclasses import dataclass, replace

from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction


@dataclass(frozen=True)
class Ix:
    program: int
    accounts: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Draft:
    """A transaction in parts, able to express malformed ones, too."""

    signatures: tuple[bytes, ...]
    header: tuple[int, int, int]
    keys: tuple[bytes, ...]
    blockhash: bytes
    instructions: tuple[Ix, ...]
    prefix: bytes = b""
    suffix: bytes = b""
    trailing: bytes = b""

    def encode(self) -> str:
        parts = [_compact(len(self.signatures)), *self.signatures, self.prefix, bytes(self.header)]
        parts += [_compact(len(self.keys)), *self.keys, self.blockhash, _compact(len(self.instructions))]
        for ix in self.instructions:
            parts += [bytes([ix.program]), _compact(len(ix.accounts)), bytes(ix.accounts)]
            parts += [_compact(len(ix.data)), ix.data]
        return base64.b64encode(b"".join([*parts, self.suffix, self.trailing])).decode()

    def put(self, index: int, ix: Ix) -> "Draft":
        changed = list(self.instructions)
        changed[index] = ix
        return replace(self, instructions=tuple(changed))

    def insert(self, index: int, ix: Ix) -> "Draft":
        changed = list(self.instructions)
        changed.insert(index, ix)
        return replace(self, instructions=tuple(changed))

    def place(self, key: Pubkey, *, writable: bool = False) -> tuple["Draft", int]:
        """This key among the accounts, added where its flags put it; and its index."""
        if bytes(key) in self.keys:
            return self, self.keys.index(bytes(key))
        signers, read_signed, read_unsigned = self.header
        index = len(self.keys) - read_unsigned if writable else len(self.keys)
        shift = [number + (number >= index) for number in range(len(self.keys))]
        header = (signers, read_signed, read_unsigned + (not writable))
        instructions = tuple(
            Ix(shift[ix.program], tuple(shift[number] for number in ix.accounts), ix.data)
            for ix in self.instructions
        )
        keys = (*self.keys[:index], bytes(key), *self.keys[index:])
        return replace(self, header=header, keys=keys, instructions=instructions), index


def parse(transaction: str) -> Draft:
    decoded = VersionedTransaction.from_bytes(base64.b64decode(transaction))
    message = decoded.message
    assert isinstance(message, Message)
    header = message.header
    return Draft(
        tuple(bytes(signature) for signature in decoded.signatures),
        (
            header.num_required_signatures,
            header.num_readonly_signed_accounts,
            header.num_readonly_unsigned_accounts,
        ),
        tuple(bytes(key) for key in message.account_keys),
        bytes(message.recent_blockhash),
        tuple(Ix(ix.program_id_index, tuple(ix.accounts), bytes(ix.data)) for ix in message.instructions),
    )


def cosigned(draft: Draft, cosigner: Pubkey) -> Draft:
    """With a second signer."""
    keys = (draft.keys[0], bytes(cosigner), *draft.keys[1:])
    instructions = tuple(
        Ix(ix.program + 1, tuple(number + (number > 0) for number in ix.accounts), ix.data)
        for ix in draft.instructions
    )
    header = (2, 1, draft.header[2])
    signatures = draft.signatures * 2
    return replace(draft, signatures=signatures, header=header, keys=keys, instructions=instructions)


def pruned(draft: Draft) -> Draft:
    """Without keys that nothing uses."""
    used = {0} | {number for ix in draft.instructions for number in (ix.program, *ix.accounts)}
    new = {old: place for place, old in enumerate(sorted(used))}
    read_only = len(draft.keys) - draft.header[2]
    return replace(
        draft,
        header=(*draft.header[:2], sum(old >= read_only for old in used)),
        keys=tuple(draft.keys[old] for old in sorted(used)),
        instructions=tuple(
            Ix(new[ix.program], tuple(new[number] for number in ix.accounts), ix.data)
            for ix in draft.instructions
        ),
    )


def _compact(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
