"""The stores are what the ports ask for: mypy checks the shapes, this checks that none is forgotten."""

from bot import ports, storage
from tests.fakes import storage as fakes


async def test_every_port_has_its_store() -> None:
    """By the name under which the services look for it."""
    async with fakes.open_memory_storage() as stores:
        transactions: ports.Transactions = stores.transaction
        people: ports.PeopleStore = stores.people
        wallets: ports.WalletStore = stores.wallets
        orders: ports.OrderStore = stores.orders
        fills: ports.FillStore = stores.fills
        confirmations: ports.ConfirmationStore = stores.confirmations
        actions: ports.ActionStore = stores.actions
        outbox: ports.Outbox = stores.outbox
        polls: ports.PollStore = stores.polls
        troubles: ports.TroubleStore = stores.troubles
        dialogs: ports.DialogStore = stores.dialogs
        jobs: ports.JobStore = stores.jobs
        inbox: ports.Inbox = stores.inbox
        tokens: ports.TokenStore = stores.tokens
        prices: ports.PriceHistory = stores.prices
        every = (people, wallets, orders, fills, confirmations, actions, outbox, polls, dialogs, jobs, inbox)
        async with transactions():
            assert len({id(store) for store in (*every, tokens, prices, troubles)}) == 14


async def test_memory_stores_are_their_own() -> None:
    """Two in one process know nothing of each other."""
    async with storage.Storage.open("sqlite://") as one, fakes.open_memory_storage() as two:
        await one.people.record_seen(1, 1)
        assert await two.people.find(1) is None
