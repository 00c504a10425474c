"""Reading the chain: only what the accounts themselves say, and only in shapes that are known."""

from typing import Any

import pytest
from solders.pubkey import Pubkey

from bot import errors, ports
from bot.solana import programs
from bot.solana.programs import accounts, ids
from tests.fakes import rpc, solana

USER = Pubkey.from_string(solana.USER)
OTHER_MINT = Pubkey.from_string("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB")


def token(mint: Pubkey, amount: int, owner: Pubkey = USER) -> dict[str, Any]:
    return rpc.account(ids.TOKEN, accounts.TokenAccount(mint, owner, amount, None, 1, None, 0, None).build())


async def test_holdings_are_of_associated_accounts_only() -> None:
    """A second account for the same mint, which no order would use, is not counted."""
    fake = rpc.FakeRpc()
    fake.answer("getBalance", rpc.in_context(1_000_000_007))
    listed = [
        {"pubkey": str(programs.ata(USER, ids.USDC_MINT)), "account": token(ids.USDC_MINT, 40)},
        {"pubkey": str(solana.STRANGER), "account": token(ids.USDC_MINT, 2)},
        {"pubkey": str(programs.ata(USER, ids.WSOL_MINT)), "account": token(ids.WSOL_MINT, 0)},
    ]
    fake.answer("getTokenAccountsByOwner", rpc.in_context(listed))
    held = await fake.chain().fetch_holdings(solana.USER)
    assert held == ports.Holdings(1_000_000_007, {solana.USDC: 40, solana.WSOL: 0})
    assert fake.params("getTokenAccountsByOwner")[0][2]["encoding"] == "base64"


async def test_mints_speak_for_themselves() -> None:
    """Decimals and program come from the mint account; what is no mint is absent."""
    mint = accounts.Mint(6).build()
    extended = mint + bytes(165 - 82) + b"\1" + bytes(20)
    holder = bytes(165) + b"\2" + bytes(20)
    known = {
        solana.USDC: rpc.account(ids.TOKEN, mint),
        str(OTHER_MINT): rpc.account(ids.TOKEN_2022, extended),
        solana.WSOL: rpc.account(ids.TOKEN, accounts.Mint(9, initialized=False).build()),
        solana.USER: rpc.account(ids.SYSTEM),
        str(solana.STRANGER): rpc.account(ids.TOKEN_2022, holder),
        str(ids.DCA): token(ids.USDC_MINT, 5),
    }
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", lambda keys, _: rpc.in_context([known.get(key) for key in keys]))
    found = await fake.chain().fetch_mints([*known, str(ids.VA)])
    assert found == {
        solana.USDC: ports.Mint(6, classic=True),
        str(OTHER_MINT): ports.Mint(6, classic=False),
    }


async def test_missing_accounts_are_those_that_the_wallet_would_have_to_open() -> None:
    """The associated accounts are looked up, not the mints."""
    there = str(programs.ata(USER, ids.USDC_MINT))
    fake = rpc.FakeRpc()
    fake.answer(
        "getMultipleAccounts",
        lambda keys, _: rpc.in_context([token(ids.USDC_MINT, 0) if key == there else None for key in keys]),
    )
    missing = await fake.chain().fetch_missing_accounts(solana.USER, [solana.USDC, solana.WSOL])
    assert missing == {solana.WSOL}


async def test_many_accounts_are_read_in_hundreds() -> None:
    """The protocol answers for at most 100 accounts at once."""
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", lambda keys, _: rpc.in_context([None] * len(keys)))
    mints = [str(Pubkey.from_bytes(number.to_bytes(32, "big"))) for number in range(1, 251)]
    assert await fake.chain().fetch_mints(mints) == {}
    assert [len(params[0]) for params in fake.params("getMultipleAccounts")] == [100, 100, 50]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (
            {"slot": 5, "confirmations": 3, "err": None, "confirmationStatus": "processed"},
            ports.SignatureStatus(5, confirmed=False, finalized=False, error=None),
        ),
        (
            {"slot": 5, "confirmations": 3, "err": None, "confirmationStatus": "confirmed"},
            ports.SignatureStatus(5, confirmed=True, finalized=False, error=None),
        ),
        (
            {"slot": 5, "confirmations": None, "err": None, "confirmationStatus": "finalized"},
            ports.SignatureStatus(5, confirmed=True, finalized=True, error=None),
        ),
        (
            {
                "slot": 5,
                "confirmations": 1,
                "err": {"InstructionError": [2, {"Custom": 1}]},
                "confirmationStatus": "confirmed",
            },
            ports.SignatureStatus(
                5, confirmed=True, finalized=False, error='{"InstructionError":[2,{"Custom":1}]}'
            ),
        ),
    ],
)
async def test_signature_status(value: Any, expected: ports.SignatureStatus | None) -> None:
    """Seen or not, how deep, and whether it failed."""
    fake = rpc.FakeRpc()
    fake.answer("getSignatureStatuses", rpc.in_context([value]))
    assert await fake.chain().fetch_status("sig", history=True) == expected
    assert fake.params("getSignatureStatuses") == [[["sig"], {"searchTransactionHistory": True}]]


BROKEN: list[tuple[str, Any]] = [
    ("getBalance", 5),
    ("getBalance", rpc.in_context("5")),
    ("getBalance", rpc.in_context(-5)),
    ("getBalance", rpc.in_context(5.0)),
    ("getBalance", rpc.in_context(True)),  # noqa: FBT003 - a result as it comes
    ("getTokenAccountsByOwner", rpc.in_context([{"pubkey": "x"}])),
    ("getTokenAccountsByOwner", rpc.in_context([{"pubkey": solana.USER, "account": None}])),
    (
        "getTokenAccountsByOwner",
        rpc.in_context(
            [{"pubkey": solana.USER, "account": {"lamports": 1, "owner": "?", "data": ["", "base64"]}}]
        ),
    ),
]


@pytest.mark.parametrize(("method", "result"), BROKEN)
async def test_unknown_shapes_are_told(method: str, result: Any) -> None:
    """A result of another shape is an error with a name, never a wrong number."""
    fake = rpc.FakeRpc()
    fake.answer("getBalance", rpc.in_context(5))
    fake.answer("getTokenAccountsByOwner", rpc.in_context([]))
    fake.answer(method, result)
    with pytest.raises(errors.UnexpectedResponse):
        await fake.chain().fetch_holdings(solana.USER)


async def test_fewer_accounts_than_asked_for_are_told() -> None:
    """Accounts are matched by position, so that their number must be right."""
    fake = rpc.FakeRpc()
    fake.answer("getMultipleAccounts", rpc.in_context([None]))
    with pytest.raises(errors.UnexpectedResponse):
        await fake.chain().fetch_mints([solana.USDC, solana.WSOL])
