"""Every error that crosses a module border, grouped by what the caller does next.

BotError                     its docstring is the default message
├─ UserError                 the person can fix it; the text goes to the chat
│  ├─ InvalidInput           InvalidAmount · InvalidAddress · InvalidKey · OrderTooSmall · InsufficientFunds
│  │                         AmbiguousOrder · UnknownToken · UnsupportedToken
│  ├─ NotFound               WalletNotFound · OrderNotFound
│  ├─ ConfirmationExpired    also: used already, not yours: the same answer on purpose
│  ├─ NotAllowed             OrderNotProven · WatchOnly · OrderNotSupported
│  └─ LimitReached           TooManyWallets · TooFast
├─ GatewayError              Jupiter or the RPC
│  ├─ GatewayUnavailable     nothing was sent, or it was a read: retry later (RateLimited carries when)
│  ├─ OrderRejected          understood and refused (4xx)
│  ├─ OutcomeUnknown         signed bytes may have left: never build a second transaction
│  └─ UnexpectedResponse     a shape that we do not know
├─ SigningError
│  ├─ TransactionMismatch    not what was confirmed: nothing is signed
│  │                         FeeAboveCap: only the priority fee is too high
│  └─ VaultError             wrong master key or corrupted row; never "None"
├─ StorageError              AlreadyRunning
├─ DeliveryError             a message to Telegram: nothing was delivered …
│  ├─ ChatGone               … and never will be (blocked, deactivated)
│  ├─ DeliveryDelayed        … yet: try again after `retry_after`
│  ├─ DeliveryRejected       … Telegram refuses this message as it is (malformed)
│  └─ DeliveryUnknown        … or was: the answer got lost
└─ ConfigurationError        the operator can fix it; one line, exit code 2
"""

from datetime import timedelta


class BotError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().partition("\n")[0])

    @property
    def message(self) -> str:
        return str(self.args[0])


# --- the person can fix it -------------------------------------------------------------------------------


class UserError(BotError):
    """That did not work."""


class InvalidInput(UserError):
    """I do not understand that."""


class InvalidAmount(InvalidInput):
    """That is not an amount."""


class InvalidAddress(InvalidInput):
    """That is not a Solana address."""


class InvalidKey(InvalidInput):
    """That is not a private key that I can import."""


class OrderTooSmall(InvalidInput):
    """That order is below Jupiter's minimum."""


class InsufficientFunds(InvalidInput):
    """The wallet does not hold enough for that."""


class UnknownToken(InvalidInput):
    """I do not know that token."""


class UnsupportedToken(InvalidInput):
    """Jupiter's recurring orders do not support that token."""


class AmbiguousOrder(InvalidInput):
    """Several of your orders match."""

    def __init__(self, message: str | None = None, *, candidates: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates
        """The per-person numbers of the orders that match."""


class NotFound(UserError):
    """I cannot find that."""


class WalletNotFound(NotFound):
    """You have no such wallet here."""


class OrderNotFound(NotFound):
    """You have no such order."""


class ConfirmationExpired(UserError):
    """This button is no longer valid. Nothing was done by this tap."""


class NotAllowed(UserError):
    """That is not allowed."""


class WatchOnly(NotAllowed):
    """This wallet is watched only: there is no key here to sign with."""


class OrderNotProven(NotAllowed):
    """I could not prove that this order belongs to your wallet, so no money will be moved for it."""


class OrderNotSupported(NotAllowed):
    """Jupiter's API does not offer that for this kind of order."""


class LimitReached(UserError):
    """That is more than is allowed here."""


class TooManyWallets(LimitReached):
    """You have as many wallets as are allowed here."""


class TooFast(LimitReached):
    """Slow down a little, please."""


# --- Jupiter and the RPC ---------------------------------------------------------------------------------


class GatewayError(BotError):
    """A service that this bot depends on did not do what was asked."""

    service: str = "The service"


class GatewayUnavailable(GatewayError):
    """The service does not answer right now. Nothing was sent."""

    def __init__(self, message: str | None = None, *, service: str | None = None) -> None:
        name = service or self.service
        super().__init__(message or f"{name} does not answer right now. Nothing was sent.")
        self.service = name


class RateLimited(GatewayUnavailable):
    """The service asks us to slow down. Nothing was sent."""

    def __init__(
        self, message: str | None = None, *, service: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        name = service or self.service
        super().__init__(message or f"{name} asks us to slow down. Nothing was sent.", service=name)
        self.retry_after = retry_after


class OrderRejected(GatewayError):
    """Jupiter refused this. Nothing was signed."""


class OutcomeUnknown(GatewayError):
    """Signed bytes may have left: only the chain can say what became of them."""


class UnexpectedResponse(GatewayError):
    """The service answered something that this bot does not understand."""


# --- signing ---------------------------------------------------------------------------------------------


class SigningError(BotError):
    """Nothing was signed."""


class TransactionMismatch(SigningError):
    """Jupiter returned a transaction that does something else than you confirmed: nothing was signed."""

    def __init__(self, reason: str, *, rule: str = "", instruction: int | None = None) -> None:
        super().__init__()
        self.reason = reason
        """For the operator: what differs, with both values; never a secret."""
        self.rule = rule
        """Id of the rule that refused, e.g. `G14`."""
        self.instruction = instruction
        """Index of the offending instruction, where one is to blame."""


class FeeAboveCap(TransactionMismatch):
    """Jupiter asked for a higher priority fee than was confirmed: nothing was signed."""

    def __init__(
        self,
        reason: str,
        *,
        fee_lamports: int,
        cap_lamports: int,
        rule: str = "G8",
        instruction: int | None = None,
    ) -> None:
        super().__init__(reason, rule=rule, instruction=instruction)
        self.fee_lamports = fee_lamports
        self.cap_lamports = cap_lamports
        """What was confirmed: the person's own cap, at most the operator's."""


class VaultError(SigningError):
    """This wallet's key cannot be opened: wrong master key, or its row was changed. Nothing was signed."""


# --- storage, delivery, configuration --------------------------------------------------------------------


class StorageError(BotError):
    """The database did not do what was asked."""


class AlreadyRunning(StorageError):
    """Another process of this bot already uses this database."""


class DeliveryError(BotError):
    """Telegram did not take the message."""


class ChatGone(DeliveryError):
    """The person blocked the bot or is gone."""


class DeliveryDelayed(DeliveryError):
    """Telegram does not take the message yet; it was not delivered."""

    def __init__(self, message: str | None = None, *, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryRejected(DeliveryError):
    """Telegram refuses this message as it is; it was not delivered."""


class DeliveryUnknown(DeliveryError):
    """The message may have been delivered: the answer got lost."""


class ConfigurationError(BotError):
    """The configuration does not work."""
