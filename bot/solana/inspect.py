"""What `recurring-bot inspect` says: a transaction in named instructions, and the policy's verdict on it."""

import json
from dataclasses import dataclass, replace
from typing import Any

from solders.pubkey import Pubkey

from bot import errors, ports
from bot.domain import intents
from bot.solana import policy, transactions
from bot.solana.programs import ids

_KNOWN = {key: f"{name} program" for key, name in ids.NAMES.items()} | {
    ids.WSOL_MINT: "wSOL mint",
    ids.USDC_MINT: "USDC mint",
    ids.DCA_EVENT_AUTHORITY: "DCA event authority",
    ids.VA_EVENT_AUTHORITY: "VA event authority",
}


@dataclass(frozen=True, slots=True)
class Inspection:
    verdict: str | None
    """`accepted`, `refused`, or None when there was no intent to judge by."""
    rule: str | None
    reason: str | None
    decoded: transactions.Decoded | None
    """None for a transaction that is refused for its bytes; an outline where lookup tables are used."""

    def to_json(self) -> str:
        """One object: verdict, rule, reason, instructions."""
        instructions = (
            [] if self.decoded is None else [_instruction(each) for each in self.decoded.instructions]
        )
        return json.dumps(
            {
                "verdict": self.verdict,
                "rule": self.rule,
                "reason": self.reason,
                "instructions": instructions,
            },
            indent=2,
        )

    def to_text(self) -> str:
        """The same for a person."""
        lines = [] if self.decoded is None else _describe(self.decoded)
        if self.verdict == "accepted":
            lines.append("Verdict: accepted. It does what the intent says, and nothing else.")
        elif self.verdict == "refused":
            lines.append(f"Verdict: refused by rule {self.rule}: {self.reason}")
        return "\n".join(lines)


def inspect_text(transaction: str, intent_json: str | None) -> Inspection:
    """Decode a transaction (base64), and judge it where there is an intent. Offline.

    Raises InvalidInput for text that is no transaction, or an intent that cannot be read.
    """
    text = "".join(transaction.split())
    intent = None if intent_json is None else _read_intent(intent_json)
    try:
        transactions.read(text)
    except ValueError as exc:
        raise errors.InvalidInput(f"This is no transaction in base64: {exc}.") from exc
    try:
        decoded = transactions.outline(text)
    except errors.TransactionMismatch as exc:
        if intent is None:
            raise errors.InvalidInput(
                f"This transaction cannot be decoded ({exc.rule}): {exc.reason}."
            ) from exc
        return Inspection("refused", exc.rule, exc.reason, None)
    if intent is None:
        return Inspection(None, None, None, decoded)
    try:
        policy.check(text, intent, intents.Limits())
    except errors.TransactionMismatch as exc:
        return Inspection("refused", exc.rule, exc.reason, decoded)
    return Inspection("accepted", None, None, decoded)


def describe(transaction: str) -> str:
    """The instructions of a transaction in text; where there are none to read, its bytes."""
    try:
        return inspect_text(transaction, None).to_text()
    except errors.BotError:
        return f"It cannot be decoded: {transaction[:2000]}"


async def inspect_live(transaction: str, intent_json: str, submitter: ports.Submitter) -> Inspection:
    """The same, and what passes is tried out on chain: a living blockhash, and the simulation.

    Raises InvalidInput, GatewayUnavailable, UnexpectedResponse.
    """
    found = inspect_text(transaction, intent_json)
    if found.verdict != "accepted":
        return found
    try:
        await submitter.check(_read_intent(intent_json), "".join(transaction.split()), intents.Limits())
    except errors.TransactionMismatch as exc:
        return replace(found, verdict="refused", rule=exc.rule, reason=exc.reason)
    except errors.OrderRejected as exc:
        return replace(found, verdict="refused", rule="simulation", reason=exc.message)
    return found


def _read_intent(text: str) -> intents.Intent:
    """Strict, because people write these: a bound with a typing mistake in its name would bound nothing."""
    try:
        data = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as exc:
        raise errors.InvalidInput(f"The intent is no JSON: {exc}.") from exc
    unknown = set(data) - intents.FIELDS if isinstance(data, dict) else None
    if unknown:
        raise errors.InvalidInput(f"{min(unknown)[:40]}: no intent has such a field")
    return intents.from_json(data)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise errors.InvalidInput("The intent names a field twice.")
    return dict(pairs)


def _instruction(instruction: transactions.Instruction) -> dict[str, Any]:
    return {
        "program": instruction.program_name,
        "program_id": str(instruction.program),
        "instruction": instruction.name,
        "args": _plain(instruction.args),
        "data": instruction.data.hex(),
        "accounts": [
            {
                "name": account.name,
                "pubkey": account.address,
                "signer": account.signer,
                "writable": account.writable,
            }
            for account in instruction.accounts
        ],
    }


def _plain(args: dict[str, Any] | None) -> dict[str, Any] | None:
    if args is None:
        return None
    return {name: str(value) if isinstance(value, Pubkey) else value for name, value in args.items()}


def _describe(decoded: transactions.Decoded) -> list[str]:
    lines = [
        f"Transaction: {len(bytes(decoded.transaction))} bytes, message {decoded.version}",
        f"Fee payer:   {decoded.keys[0]}",
        *(f"Signer:      {key}" for key in decoded.keys[1 : decoded.signers]),
        f"Blockhash:   {decoded.blockhash}",
        "",
    ]
    for instruction in decoded.instructions:
        lines.append(f"#{instruction.index} {instruction.program_name} · {instruction.name}")
        if instruction.args is None:
            lines.append(f"     data {instruction.data.hex() or '(none)'}")
        else:
            lines.extend(f"     {name} = {value}" for name, value in (_plain(instruction.args) or {}).items())
        for account in instruction.accounts:
            flags = ", ".join(
                flag for flag, on in (("signer", account.signer), ("writable", account.writable)) if on
            )
            known = f"  {_KNOWN[account.key]}" if account.key in _KNOWN else ""
            lines.append(f"     {account.name:<24} {account.address}{f' [{flags}]' if flags else ''}{known}")
        lines.append("")
    return lines
