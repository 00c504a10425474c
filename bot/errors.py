"""Every error that crosses a module border, grouped by what the caller does next.

BotError                     `text` is the default message
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
├─ DrawingFailed             a picture: the words still hold, and the next attempt may succeed
└─ ConfigurationError        the operator can fix it; one line, exit code 2
"""

from datetime import timedelta
from typing import ClassVar

from bot import texts


class BotError(Exception):
    """Everything that this bot raises on purpose."""

    text: ClassVar[str] = texts.ERROR
    """What is said unless whoever raises it says more."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.text)

    @property
    def message(self) -> str:
        return str(self.args[0])


# --- the person can fix it -------------------------------------------------------------------------------


class UserError(BotError):
    """The person can fix it; the text goes to the chat."""

    text = texts.ERROR_USER


class InvalidInput(UserError):
    """What was written cannot be used; asking again may help."""

    text = texts.INVALID_INPUT


class InvalidAmount(InvalidInput):
    """No amount, or none that can be used here."""

    text = texts.INVALID_AMOUNT


class InvalidAddress(InvalidInput):
    """No address, or none that may be used here."""

    text = texts.INVALID_ADDRESS


class InvalidKey(InvalidInput):
    """No private key that can be imported. Never contains any part of what was written."""

    text = texts.INVALID_KEY


class OrderTooSmall(InvalidInput):
    """Below what the service takes."""

    text = texts.ORDER_TOO_SMALL


class InsufficientFunds(InvalidInput):
    """The wallet or the order does not hold it."""

    text = texts.INSUFFICIENT_FUNDS


class UnknownToken(InvalidInput):
    """No token of that name or mint."""

    text = texts.UNKNOWN_TOKEN


class UnsupportedToken(InvalidInput):
    """A token that recurring orders do not take."""

    text = texts.UNSUPPORTED_TOKEN


class AmbiguousOrder(InvalidInput):
    """Several orders match what was written."""

    text = texts.AMBIGUOUS_ORDER

    def __init__(self, message: str | None = None, *, candidates: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates
        """The per-person numbers of the orders that match."""


class NotFound(UserError):
    """Nothing there by that name."""

    text = texts.NOT_FOUND


class WalletNotFound(NotFound):
    """No such wallet of this person's."""

    text = texts.WALLET_NOT_FOUND


class OrderNotFound(NotFound):
    """No such order of this person's."""

    text = texts.ORDER_NOT_FOUND


class ConfirmationExpired(UserError):
    """Used, expired or somebody else's: the same answer on purpose."""

    text = texts.CONFIRMATION_EXPIRED


class NotAllowed(UserError):
    """Understood, and refused."""

    text = texts.NOT_ALLOWED


class WatchOnly(NotAllowed):
    """A wallet without a key here."""

    text = texts.WATCH_ONLY_ERROR


class OrderNotProven(NotAllowed):
    """The order's address could not be derived from its wallet."""

    text = texts.ORDER_NOT_PROVEN


class OrderNotSupported(NotAllowed):
    """Nothing that the API offers for this order."""

    text = texts.ORDER_NOT_SUPPORTED


class LimitReached(UserError):
    """One more than is allowed."""

    text = texts.LIMIT_REACHED


class TooManyWallets(LimitReached):
    """The person has as many wallets as MAX_WALLETS allows."""

    text = texts.TOO_MANY_WALLETS


class TooFast(LimitReached):
    """More than this person may ask for at once."""

    text = texts.TOO_FAST_ERROR


# --- Jupiter and the RPC ---------------------------------------------------------------------------------


class GatewayError(BotError):
    """A service that this bot depends on did not do what was asked."""

    text = texts.GATEWAY_ERROR

    service: str = texts.THE_SERVICE


class GatewayUnavailable(GatewayError):
    """Nothing was sent, or it was a read: worth another try later."""

    def __init__(self, message: str | None = None, *, service: str | None = None) -> None:
        name = service or self.service
        super().__init__(message or texts.SERVICE_SILENT.format(service=name))
        self.service = name


class RateLimited(GatewayUnavailable):
    """As GatewayUnavailable, and known when to come back, perhaps."""

    def __init__(
        self, message: str | None = None, *, service: str | None = None, retry_after: timedelta | None = None
    ) -> None:
        name = service or self.service
        super().__init__(message or texts.SERVICE_BUSY.format(service=name), service=name)
        self.retry_after = retry_after


class OrderRejected(GatewayError):
    """Jupiter understood and refused (4xx)."""

    text = texts.ORDER_REJECTED


class OutcomeUnknown(GatewayError):
    """Signed bytes may have left: only the chain can say what became of them."""

    text = texts.OUTCOME_UNKNOWN


class UnexpectedResponse(GatewayError):
    """A shape that this bot does not know."""

    text = texts.UNEXPECTED_RESPONSE


# --- signing ---------------------------------------------------------------------------------------------


class SigningError(BotError):
    """Nothing was signed."""

    text = texts.SIGNING_ERROR


class TransactionMismatch(SigningError):
    """What was given to sign is not what was confirmed."""

    text = texts.TRANSACTION_MISMATCH

    def __init__(self, reason: str, *, rule: str = "", instruction: int | None = None) -> None:
        super().__init__()
        self.reason = reason
        """For the operator: what differs, with both values; never a secret."""
        self.rule = rule
        """Id of the rule that refused, e.g. `G14`."""
        self.instruction = instruction
        """Index of the offending instruction, where one is to blame."""


class FeeAboveCap(TransactionMismatch):
    """Nothing but the priority fee is wrong: it is above what was confirmed."""

    text = texts.FEE_ABOVE_CAP

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


class OtherBounds(TransactionMismatch):
    """The price range of a new order became another least or most output than was confirmed."""

    def __init__(
        self, reason: str, *, least: bool, crafted: int | None, confirmed: int | None, instruction: int
    ) -> None:
        super().__init__(reason, rule="G16", instruction=instruction)
        self.least = least
        """Whether it is about the least output of one cycle; else about the most."""
        self.crafted = crafted
        """Base units; None = no bound."""
        self.confirmed = confirmed


class VaultError(SigningError):
    """A key that cannot be opened: wrong master key, or a changed row."""

    text = texts.VAULT_ERROR


# --- storage, delivery, configuration --------------------------------------------------------------------


class StorageError(BotError):
    """The database did not do what was asked."""

    text = texts.STORAGE_ERROR


class AlreadyRunning(StorageError):
    """Another process holds the lock of this database."""

    text = texts.ALREADY_RUNNING


class DeliveryError(BotError):
    """Telegram did not take the message."""

    text = texts.DELIVERY_ERROR


class ChatGone(DeliveryError):
    """Blocked, deactivated or never there."""

    text = texts.CHAT_GONE


class DeliveryDelayed(DeliveryError):
    """Certainly not delivered, and worth another try after `retry_after`."""

    text = texts.DELIVERY_DELAYED

    def __init__(self, message: str | None = None, *, retry_after: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryRejected(DeliveryError):
    """Certainly not delivered, and never will be as it is."""

    text = texts.DELIVERY_REJECTED


class DeliveryUnknown(DeliveryError):
    """Perhaps delivered: the answer got lost."""

    text = texts.DELIVERY_UNKNOWN


class DrawingFailed(BotError):
    """The words that go with it hold all the same."""

    text = texts.DRAWING_FAILED


class ConfigurationError(BotError):
    """The operator can fix it; one line, exit code 2."""

    text = texts.CONFIGURATION_ERROR
