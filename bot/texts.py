"""Every word that a person reads in the chat, so that a translation is one file.

What the screens show is HTML, with values put in already escaped; what errors and services say is plain text.
"""

START = """<b>Recurring orders on Jupiter, in your chat.</b>

See your orders, add funds, take funds out, and be told about every fill.

⚠️ <b>This bot is custodial.</b> Whoever runs it holds the keys of wallets that you create or import here, \
and could spend what is in them. Watching an address needs no key: start with that, and keep only what you \
are ready to trust to the operator."""
SANDBOX = "🧪 <b>Sandbox: no real funds.</b> Never import a real key here."

PRIVATE_BOT = (
    "This bot is private. Your Telegram id is <code>{user_id}</code>: hand it to the operator to be let in."
)
PRIVATE_BOT_SHORT = (
    "This bot is private. Your Telegram id is {user_id}: hand it to the operator to be let in."
)
PRIVATE_CHAT_ONLY = "I only talk about money in a private chat. Open one with me and write there."
LEAVING_ONLY = (
    "You are no longer on this bot's list. You can still see your orders, withdraw from them, cancel them, "
    "and export your keys; everything else is closed."
)
TOO_FAST = "Slow down a little, please. I dropped what came too fast; none of it was done."

UNKNOWN_COMMAND = "I do not know that command. Here is what works:"
NOT_UNDERSTOOD = "I did not understand that. Use the buttons or one of these:"
LONG_TEXT = "That is too long for me to read as an answer. Use the buttons or one of these:"
NOT_TEXT = "I can only read text. Use the buttons or one of these:"
STALE_BUTTON = "This button is out of date. Nothing was done."
STOPPED = "Stopped. Nothing was changed."
NOTHING_TO_STOP = "There was nothing to stop."

UNEXPECTED = "Something went wrong here. This step moved no money. Please try again in a moment."
UNEXPECTED_CONFIRM = (
    "Something went wrong while I took your confirmation. If it was accepted, the card will say what became "
    "of it; it cannot happen twice. Please look at your orders before you try again."
)
STORAGE = "My database did not answer. This step moved no money. Please try again in a moment."
GATEWAY = "This step moved no money."
UNREADABLE = "Jupiter or Solana gave an answer that I cannot read."
ERROR_ID = "Error id: <code>{id}</code>"

HELP = """<b>What works</b>, by buttons or in one line

/orders – your orders
<code>/orders history</code>

/fills – the latest fills; <code>/fills 7</code> for one order

/export – fills as a file for a spreadsheet
<code>/export 7</code>, <code>/export 2025</code> or <code>/export Savings 2025 json</code>

/chart – fills against the market, as a picture
<code>/chart 7</code> or <code>/chart Savings</code>

/report – what an order paid, beside the market
<code>/report 7</code>

/deposit – add funds to a price order
<code>/deposit 7 10</code> or <code>/deposit 7 50%</code>

/withdraw – take funds out of a price order
<code>/withdraw 7 10</code> or <code>/withdraw 7 all</code>

/new – open an order
<code>/new 500 USDC to SOL in 10 every 1d</code>
and after it, if you like, <code>between 150 and 180</code> (prices) and <code>from 2026-12-01</code> (start)

/cancel – close an order, get the rest back
<code>/cancel 7</code>

/wallet – wallets, balances, keys

/watch – follow an address without a key
<code>/watch ADDRESS name</code>

/send – send tokens or SOL
<code>/send 1.5 USDC ADDRESS</code>

/settings – time zone, digests, quiet hours, fees
<code>/settings zone Berlin</code>
<code>/settings fills daily 9</code>
<code>/settings quiet 22-7</code>
<code>/settings mute 7</code>
<code>/settings fee 0.0005</code>
<code>/settings via node</code>

/stop – leave a question that I asked

Every order has a number of its own, here 7; Savings is a wallet. Amounts are digits with at most one point.
Nothing moves before you press <b>Confirm</b> on a card that says everything."""
DESCRIPTION = (
    "See your recurring orders on Jupiter, add funds, take funds out, and be told about every fill.\n\n"
    "Watching an address needs no key. Wallets that you create or import here are custodial: "
    "whoever runs this bot holds their keys."
)
"""Shown in the empty chat, before Start."""

# --- buttons (20 characters at most) ---

B_PAGE_BACK = "‹ Page {page}"
B_PAGE_ON = "Page {page} ›"

# --- wallets ---

WATCH_PROMPT = (
    "<b>Watch an address</b>\nSend me the Solana address. I need no key for it: I show its orders and fills, "
    "and cannot move anything."
)
IMPORT_PROMPT = (
    "<b>Import a wallet</b>\n⚠️ The operator of this bot will hold this key. Better import a wallet made for "
    "this than your savings.\n\nSend the private key: base58 as other wallets export it, or a JSON array of "
    "64 numbers. I delete your message at once. I do not take seed phrases: never send one to any bot."
)
IMPORT_SANDBOX = "🧪 This is a sandbox. No real key belongs here."
KEY_DELETED = "I deleted your message."
KEY_NOT_DELETED = (
    "⚠️ <b>I could not delete your message.</b> Delete it yourself, now. Treat this key as exposed: move what "
    "it holds to another wallet."
)
KEY_ANYWHERE = (
    "🛑 <b>That looked like a private key or a seed phrase.</b> I did not read it further and stored nothing "
    "of it. To import a key, press Import a wallet in /wallet first. If it was a seed phrase, treat it as "
    "exposed."
)
RENAME_PROMPT = "<b>Rename</b>\nSend me the new name, 1 to 32 characters."
EXPORT_EXPLAINED = (
    "<b>Export the private key of {wallet}</b>\nWhoever sees it can take everything in this wallet. I will "
    "wait a while first, so that you can stop it if this was not you. Then I show the key once, hidden until "
    "you tap it, and delete it after a minute."
)
EXPORT_ANNOUNCED = (
    "🔑 <b>Export of {wallet} asked for</b>\nIts private key comes {when}. If this was not you, press "
    "<b>Stop</b> now."
)
EXPORT_WHEN = "{relative}, at {at}"
EXPORT_PENDING = "🔑 <b>An export is announced:</b> its key comes {when}."
EXPORTS_ANNOUNCED = "🔑 Export of a key announced: {wallets}"
B_START_EXPORT = "🔑 Start export"
B_STOP_EXPORT = "✋ Stop"
EXPORT_SHOWN = "🔑 <b>Export of {wallet}</b>\nIts private key was shown, once."
EXPORT_REPLACED = (
    "🔑 <b>Export of {wallet}</b>\nAsked for again since then: the newer message says when the private key "
    "comes, and stops it."
)
EXPORT_STOPPED = "✋ <b>Export stopped.</b> The key of {wallet} was not shown."
EXPORT_TOO_LATE = "Too late to stop, or it was stopped already."
EXPORT_COMING = (
    "🔑 One moment: the private key that you asked for comes here. If it does not, look below, or ask again "
    "in /wallet; you can delete this message then."
)
"""Becomes the key. A kill before its deletion is scheduled leaves it: which message it is, only Telegram's
answer says. The key then comes in another one, below it."""
EXPORT_KEY = (
    "🔑 <b>Private key of {wallet}</b>\n<tg-spoiler>{key}</tg-spoiler>\n\nTap to see it, or copy it with the "
    "button. This message deletes itself in {seconds} seconds. Keep the key where nobody else can read it."
)
"""Telegram drops the spoiler around `code`, and apps let nobody copy out of a protected message."""
EXPORT_FAILED = (
    "🔑 I could not show the key: Telegram did not take the message. The key counts as shown; ask for a new "
    "export in /wallet."
)
EXPORT_UNANNOUNCED = (
    "🔑 The export of {wallet} was broken off before it was announced. The key was not shown; ask for it "
    "again in /wallet."
)
DELETE_FAILED = "⚠️ I could not delete a message that held a private key. Please delete it yourself."
REMOVE_OWNED = (
    "🗑 <b>Remove {wallet}?</b>\nIts key is kept here, and nowhere else unless you exported it. Once it is "
    "erased, nobody can move what the wallet holds, or what its orders pay out later."
)
REMOVE_WATCHED = "<b>Stop watching {wallet}?</b>\nI forget the address. Nothing on chain changes."
REMOVE_UNSEEN = "⚠️ I cannot see what it holds now. {why}"
REMOVE_HOLDS = "It holds:"
REMOVE_ORDERS = "⚠️ Active orders that pay out to it: {count}"
REMOVE_EXPORTING = "⚠️ An export of its key is announced, and would come to nothing."
REMOVE_BUSY = (
    "⏳ <b>{wallet} cannot be removed now.</b> Something that you confirmed for it is still under way. Try "
    "again when that is settled."
)
ERASE = "🛑 <b>Erase the key of {wallet} for good?</b>"
ERASE_UNSEEN = "⚠️ I cannot see what it holds now."
ERASE_EMPTY = "It is empty, as far as I can see."
ERASE_HOLDS = "⚠️ It holds ≈ {worth}."
ERASE_BROKEN = "⚠️ It cannot be opened now. What the operator could still restore is then lost, too."
ERASE_FINAL = "This cannot be undone by anybody. This button works for 2 minutes."
REMOVED = "🗑 {wallet} was removed."
BROKEN_WALLETS = (
    "🔒 Wallets that I cannot open, and whose address I do not show: {count}. Please tell the operator."
)
BROKEN_WALLET = (
    "🔒 <b>{wallet} cannot be opened</b>\nIts row in the database, or the operator's master key, is not what "
    "it was. The operator can put that right, for example from a backup: tell them first.\n\nRemove it only "
    "if you have its key elsewhere."
)
KEY_HERE = "🔑 Its key is kept here, sealed."
WRAPPED = "Wrapped SOL: {amount}{usd}"
TOKENS_PAGE = "{count} tokens · page {page} of {pages}"
WORTH = "Together ≈ {usd}"
WORTH_KNOWN = "Together ≈ {usd}, as far as known"
WORTH_WITHOUT = "Together ≈ {usd}, without what has no known price: {count}"
BALANCE_UNKNOWN = "balance not seen yet"
SEEN_AGO = "seen {ago}"
BALANCES_UNREAD = "⚠️ I cannot read its balances now. {why}"
NO_WALLET_NAMED = "You have no wallet called {name}."
WALLET_IS_CREATED = "Wallet created"
WALLET_IS_IMPORTED = "Wallet imported"
RENAMED = "✅ Renamed."
IS_DEFAULT = "✅ This is your default wallet now."
LESS_THAN_A_CENT = "less than $0.01"
B_WATCH = "👁 Watch an address"
B_IMPORT_AGAIN = "🔑 Try again"
B_SEND = "📤 Send"
B_COPY_ADDRESS = "📋 Copy address"
B_QR = "🔳 QR code"
B_ITS_ORDERS = "📋 Its orders"
B_UNWRAP = "🎁 Unwrap SOL"
B_RENAME = "✏️ Rename"
B_MAKE_DEFAULT = "⭐ Make default"
B_OPEN_WALLET = "👛 Open wallet"
B_EXPORT = "🔑 Export key"
B_EXPORT_FIRST = "🔑 Export key first"
B_REMOVE = "🗑 Remove"
B_UNWATCH = "🗑 Stop watching"
B_REMOVE_ON = "🗑 Remove anyway …"
B_ERASE = "🗑 Erase for good"
B_KEEP_WALLET = "‹ Keep it"
B_BROKEN = "🔒 {name}"
QR_CAPTION = (
    "Scan this to send SOL or Solana tokens here. What is sent over another network is lost: compare the "
    "address before you send."
)
NO_WALLETS = "You have no wallet here yet."

WALLET_CREATED = (
    "Its key is sealed here. Send SOL for fees, and what you want to trade, to this address. "
    "Export the key in /wallet for a copy of your own."
)
WALLET_CREATED_SANDBOX = (
    "🧪 The sandbox has put play money into it, and a few orders to try things with. "
    "Its key is sealed here, as a real one would be."
)

# --- orders and money ---

NO_ORDERS = {
    "active": "No active orders in your wallets.",
    "history": "No finished orders in your wallets.",
    "all": "No orders in your wallets.",
}
ORDERS_UNKNOWN = "I know of no orders yet, and cannot look now. Please try again in a moment."
STALE = "⚠️ As last seen {when}. {why}"
TIME_NO_DEPOSIT = (
    "<b>#{number} is a time order.</b> Jupiter offers no way to add funds to one. You can open a new order "
    "with the same settings instead."
)
TIME_OVER = "<b>#{number} is a time order, and it is over.</b> What it brought is in your wallet."
TIME_NO_WITHDRAW = (
    "<b>#{number} is a time order.</b> Jupiter offers no way to take part of its funds out. You can cancel "
    "it: what is left comes back to the wallet."
)
NO_DEPOSIT = (
    "You have no order that funds can be added to: that takes a price order, of a wallet whose key is here. "
    "For anything else open a new order with /new."
)
NO_WITHDRAW = (
    "You have no price order with funds in it. To get funds back from a time order, cancel it with /cancel."
)
NO_CANCEL = "You have no active order in a wallet whose key is here."
HOME = "🏠 <b>Home</b>"
ATTENTION = "❗ <b>Needs attention</b>"
UNSETTLED_ONE = "⏳ One confirmed action is not settled yet"
UNSETTLED_MANY = "⏳ {count} confirmed actions are not settled yet"
LOW_ORDERS = "🪫 Low on funds: {orders}"
OVERDUE_ORDERS = "⏰ Overdue: {orders}"
NO_SOL = "⛽ Too little SOL for fees: {wallets}"
BROKEN_ONE = "🔒 A wallet cannot be opened: tell the operator"
BROKEN_MANY = "🔒 {count} wallets cannot be opened: tell the operator"
NAMED_MORE = " and {count} more"
YOUR_WALLETS = "👛 <b>Wallets</b>"
MORE_WALLETS = "… and {count} more"
ACTIVE_ORDERS = "📋 <b>Active orders:</b> {count}"
NEXT_OF_ALL = "Next to fill:"
CUSTODY = "Keys of wallets created or imported here are held by the operator."
UNDER_WAY = "⏳ <b>Under way</b>\nEach one's card tells how it ends."
NOTHING_UNDER_WAY = "Nothing: everything that you confirmed is settled."
CONFIRMED_AGO = "Confirmed {ago}"
MORE_UNDER_WAY = "… and {count} more"
WATCHED = "👁 watched"
DEFAULT = "⭐ default"
B_UNDER_WAY = "⏳ Under way"
B_DEPOSIT_INTO = "➕ Deposit into #{number}"
B_FUND = "⛽ Fund {name}"
B_WALLETS = "👛 Wallets"
B_TO_SETTINGS = "⚙️ Settings"
B_HELP = "❓ Help"
B_STATUS = "🩺 Status"

LIST_TITLES = {"active": "Active orders", "history": "Finished orders"}
LIST_NEXT = " · next {soon}"
LIST_OVERDUE = " · overdue"
B_HISTORY = "📜 History"
B_ACTIVE = "📋 Active"
B_ALL_WALLETS = "👛 All wallets"
B_OF_WALLET = "👛 {name}"
B_REFRESH = "🔄 Refresh"
B_SOLSCAN = "🔎 Solscan"
WHOSE_ORDERS = "👛 <b>The orders of which wallet?</b>"

MUTED = "🔕 muted"
CYCLES_DONE = " · {done} of {total} fills"
SPENT = "Spent: {spent} of {total}"
LEFT_NOW = "Left: <b>{amount}</b>{usd}"
TAKEN_OUT = "Taken out: {amount}"
BOUGHT_NET = "Bought (net): <b>{amount}</b>{usd}"
RECEIVED = "Received in the wallet: {received}\nWaiting in the order: {waiting}"
IN_ALL = "In all: <b>{bought}</b> for {paid}"
AVERAGE_IS = "Average: {price} {unit}"
MARKET_NOW = "Market now: ≈ {price}"
BOUGHT_CHEAPER = "bought ≈ {percent} % cheaper than now"
BOUGHT_DEARER = "bought ≈ {percent} % dearer than now"
SOLD_HIGHER = "sold ≈ {percent} % higher than now"
SOLD_LOWER = "sold ≈ {percent} % lower than now"
AT_THIS_PRICE = "the average is about the same"
IF_SOLD_GAIN = "If sold now: gain ≈ {amount}\n{percent}{usd}"
IF_SOLD_LOSS = "If sold now: loss ≈ {amount}\n{percent}{usd}"
IF_SOLD_EVEN = "If sold now: ≈ as much as was paid"
EACH_CYCLE = "{amount} {every}"
GROWS_BY = "Grows by ${usd} of value {every}"
RANGE = "Only fills from ≈ {low} up to ≈ {high} {unit}"
RANGE_FROM = "Only fills at ≈ {low} {unit} or more"
RANGE_TO = "Only fills at ≈ {high} {unit} or less"
NEXT_AT = "Next fill: {when}"
NEXT_NONE = "Next fill: none due"
NEXT_OVERDUE = "Next fill: overdue since {when} ({ago})"
OUT_OF_RANGE = "It waits: the market is out of its price range."
KEEPERS_LATE = "Jupiter's keepers are late with it, or there was no fitting price."
OPENED = "Opened: {when} ({ago}){where}{link}"
OPENED_HERE = ", here"
OPENED_ELSEWHERE = ", elsewhere"
ORDER_ACCOUNT = "Order account: <code>{key}</code>"
B_WITHDRAW = "➖ Withdraw"
B_FILLS = "🧾 Fills"
B_UNMUTE = "🔔 Unmute"
B_CANCEL_ORDER = "🛑 Cancel order"
SAID_MUTED = "Muted: I tell neither its fills nor low funds. When it ends, I still tell you."
SAID_UNMUTED = "Unmuted: what happens from now on is told again."

CHOOSE_OR_NAME = "Choose, or send its number, a token, a pair, or its wallet's name."
PAGE_OF = "page {page} of {pages}"
KINDS = {"time": "time order", "price": "price order"}
STATE_ACTIVE = "active"
STATE_CANCELLED = "cancelled"
STATE_FINISHED = "finished"
FIND_TITLE = "🔎 <b>Which order?</b>"
FIND_NARROW = (
    "Choose one. Next time its number alone will do, or one more word: a token, the wallet, <i>active</i>."
)
FIND_MORE = (
    "… and {count} more. To narrow it down add a word: the other token, the wallet's name, <i>active</i> or "
    "<i>history</i>; or use the number."
)
CHOOSE_CHART = "📈 <b>Chart</b>\nOf which order? That of a wallet is on the wallet's own screen, see /wallet."
CHOOSE_REPORT = "📊 <b>Report</b>\nOf which order?"
CHOOSE_DEPOSIT = "<b>Deposit</b>\nInto which order?"
CHOOSE_WITHDRAW = "<b>Withdraw</b>\nFrom which order?"
CHOOSE_CANCEL = "<b>Cancel an order</b>\nWhich one? You see what comes back before anything happens."
TYPE_AMOUNT = (
    "How much {token}? Send digits such as <code>12.5</code>, or <code>50%</code>, or <code>{all}</code>."
)
WATCH_ONLY = "👁 This wallet is only watched: there is no key here to sign with."

TOKEN_LOOKALIKE = "possible look-alike"
TOKEN_UNVERIFIED = "unverified"

# --- fills ---

LATEST_FILLS = "<b>Latest fills</b>"
FILLS_OF = "<b>Fills of #{number}</b> · {pair}"
NO_FILLS = "No fills in your wallets yet."
NO_FILLS_YET = "None yet."
FILLS_UNKNOWN = "I know of no fills yet, and cannot look now. Please try again in a moment."
FILL_TOKENS_UNKNOWN = "its tokens cannot be looked up now"

# --- fills as files ---

STATEMENT_WHOSE = (
    "📄 <b>Export fills</b>\nOf all wallets, or of one? For one order press Fills on its screen, or send "
    "<code>/export 7</code>."
)
STATEMENT_TITLE = "📄 <b>Fills</b>"
STATEMENT_ALL = "all wallets"
STATEMENT_PART = "part {part}"
STATEMENT_SPAN = "{count} in all, {first} to {last} (UTC)"
STATEMENT_EMPTY = "None that I know of. I look again before I send a file."
STATEMENT_FORMS = (
    "CSV opens in a spreadsheet, JSON is for programs. One row a fill: amounts exact, with and without "
    "Jupiter's fee, price, value in USD when it was found, transaction.\nYears and times are UTC."
)
STATEMENT_WORKING = "⏳ I read what Jupiter still has, then the file comes …"
STATEMENT_FAILED = "❌ The file could not be sent. Please try again in a moment."
STATEMENT_SENT = "✅ Sent below. Fills: {count}"
STATEMENTS_SENT = "✅ Sent below, in {files} files. Fills: {count}"
STATEMENT_SPLIT = "There are too many fills for one file: they come by year, and a long year in parts."
STATEMENT_COMPLETE = "Complete, as of {when}."
STATEMENT_UP_TO = "⚠️ {wallet}: complete up to {when}. {why}"
STATEMENT_NOT_WHOLE = (
    "⚠️ {wallet}: orders that ended long ago may be missing. {why} "
    "Ask again in a minute: I go on where I stopped."
)
STATEMENT_UNKNOWN = "⚠️ {wallet}: newer fills may be missing. {why}"
STATEMENT_MORE_GAPS = "⚠️ … and more wallets that I could not read: {count}"
STATEMENT_SHORT = "⚠️ {orders}: Jupiter does not list every fill yet; the sums will be short by that."
STATEMENT_HOW = (
    "I read exports like this: /export, /export 7, /export 2025, /export Savings 2025 json. One year and one "
    "form at a time."
)
B_STATEMENT = "📄 Export"
B_WALLET_STATEMENT = "📄 Export fills"
B_ALL_YEARS = "All years"
B_CSV = "📊 CSV"
B_JSON = "🧩 JSON"

# --- confirm cards ---

CARD_VALID = "⌛ Valid for 2 minutes. Nothing happens before you press Confirm."
CARD_NEXT = (
    "After Confirm: built, checked against this card, signed, sent {via}. This message tells how it ends."
)
CARD_EXPIRED = "⌛ <b>Expired.</b> Nothing was done."
CARD_DECLINED = "✋ <b>Not confirmed.</b> Nothing was done."
CARD_CHECKING = "⏳ <b>Checking…</b> Nothing is signed yet."
CARD_SIGNED = "✍️ <b>Signed</b> · sending"
CARD_SENT = "📨 <b>Sent</b> · {link} · waiting for the network"
CARD_DONE = "✅ <b>Done</b> · {link}"
CARD_FAILED = "❌ <b>Failed on chain</b> · {link}"
CARD_FAILED_WHY = "Only the network fee was paid; no other money moved. You can try again."
CARD_NOT_DONE = "❌ <b>Not done.</b>"
CARD_LAPSED_WHY = "The network never took it, and it can no longer happen. No money moved. You can try again."
CARD_REJECTED_WHY = "Nothing was signed and no money moved."
CARD_REFUSED = "🛑 <b>Refused for your safety.</b>"
CARD_REFUSED_WHY = (
    "What I was given to sign is not what you confirmed, or would fail. "
    "Nothing was signed and no money moved."
)
CONFIRM_TAKEN = "Confirmed"
CONFIRM_GONE = "This card is closed. Nothing was done."

# --- new orders ---

NEW_SELL = "<b>New order</b> · 1 of 7\nSell what? Choose, or send a symbol or mint address."
NEW_BUY = "<b>New order</b> · 2 of 7\nBuy what with {sell}? Send a name, symbol or mint address."
NEW_AMOUNT = (
    "<b>New order</b> · 3 of 7\nHow much {sell} in total? Jupiter takes orders from 100 USD on. "
    "Send digits such as <code>500</code>."
)
NEW_COUNT = (
    "<b>New order</b> · 4 of 7\nIn how many parts? Each has to be worth 50 USD at least. "
    "Choose, or send a number."
)
NEW_EVERY = (
    "<b>New order</b> · 5 of 7\nHow long between two parts? Choose, or send for example <code>4h</code>, "
    "<code>1d</code>, <code>1w</code>."
)
NEW_PRICES = (
    "<b>New order</b> · 6 of 7\n{pair}\nOnly within a price range ({unit})? Send for example "
    "<code>150 and 180</code>, <code>above 150</code> or <code>below 180</code>, or choose any price."
)
NEW_START = (
    "<b>New order</b> · 7 of 7\nStart when? Choose now, or send a date such as <code>2026-12-01</code> or "
    "<code>2026-12-01 14:30</code> ({zone})."
)
NEW_CHOOSE_MINT = (
    "<b>New order</b> · {step} of 7\nWhich {query} do you mean? Compare the mint address with a source that "
    "you trust."
)
NEW_NEEDS_KEY = "For an order you need a wallet whose key is here: create or import one first."

# --- settings ---

SETTINGS = "⚙️ <b>Settings</b>"
SETTINGS_ZONE_IS = "🕒 Time zone: <b>{zone}</b>, where it is {hour}"
SETTINGS_FILLS_ARE = "🔔 Fills: <b>{fills}</b>"
SETTINGS_QUIET_IS = "🌙 Quiet hours: <b>{quiet}</b>"
SETTINGS_MUTED_ARE = "🔕 Muted orders: <b>{count}</b>"
SETTINGS_FEE_IS = "⛽ Priority fee: at most <b>{fee}</b>"
SETTINGS_ROUTE_IS = "📨 Sent through: <b>{route}</b>"
SETTINGS_HELD = "📬 Held back: <b>{count}</b>, told {when}"
SETTINGS_TOLD_NOW = "📬 What was held back is on its way."
SETTINGS_NOTHING_HELD = "Nothing is held back."
NOBODY = "none"
ROUTES = {"jupiter": "Jupiter", "rpc": "Our own node"}
B_ZONE = "🕒 Time zone"
B_FILLS_TOLD = "🔔 Fills"
B_QUIET = "🌙 Quiet hours"
B_MUTED = "🔕 Muted ({count})"
B_FEE = "⛽ Priority fee"
B_ROUTE = "📨 Sending"
B_TELL_NOW = "📬 Tell me now"
B_SETTINGS = "‹ Settings"
B_OTHER_FEE = "✏️ Another fee"
CHOSEN = "✓ {label}"
SETTINGS_FEE = (
    "It is paid for each transaction; a higher one lands sooner when Solana is busy. What would cost more "
    "than your limit is not signed. The operator allows {limit}; Jupiter usually asks for about 0.00002 SOL."
)
SETTINGS_ROUTE = (
    "What Jupiter builds (orders, deposits, withdrawals) can go out through Jupiter or through our own node. "
    "What we build ourselves (sending, unwrapping) always goes through our node."
)
SETTINGS_ASK_FEE = (
    "<b>Priority fee</b>\nHow much SOL may it be at most, for each transaction? Send digits such as "
    "<code>0.0005</code>."
)
SETTINGS_ASK_ZONE = (
    "Which time zone are you in? Choose, or send a city such as <code>Tokyo</code>, a country, or the offset "
    "from UTC, such as <code>+5:30</code>."
)
SETTINGS_FORMS = (
    "I read settings like this: /settings zone Berlin, /settings fills daily 9, /settings quiet 22-7, "
    "/settings mute 7, /settings unmute 7, /settings fee 0.0005, /settings via jupiter, or "
    "/settings via node."
)
SETTINGS_KEPT = "✅ Saved."
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FILLS_TOLD = {
    "each": "each as it comes",
    "silent": "each as it comes, without a sound",
    "daily": "daily digest at {at}",
    "weekly": "weekly digest, {day} at {at}",
}
FILLS_TOLD_SHORT = {
    "each": "Each as it comes",
    "silent": "Without a sound",
    "daily": "Daily digest",
    "weekly": "Weekly digest",
}
FILLS_ASK = "How shall I tell you of fills?"
FILLS_ASK_HOUR = "At which hour?"
FILLS_EXPLAINED = (
    "Only fills wait. That an order was opened or cancelled elsewhere, is low on funds or finished, I tell "
    "at once; in quiet hours without a sound. Of muted orders I tell neither fills nor low funds."
)
FILLS_LINE = "In one line: <code>/settings fills weekly Monday 9:30</code>"
QUIET_ASK = "Between which hours shall I hold fills back? They come as one message after."
QUIET_ASK_FROM = "Quiet from which hour on?"
QUIET_ASK_TO = "Quiet from {begin} until when?"
QUIET_LINE = "Or send them, such as <code>22:30-7</code>."
QUIET_SPAN = "{begin}–{end}"
B_QUIET_OFF = "No quiet hours"
B_OTHER_HOURS = "✏️ Other hours"
HOURS_OF = "Hours are those of <b>{zone}</b>, where it is {hour}."
ZONE_CHOOSE = "Which one do you mean?"
ZONE_MORE = "… and {count} more: write more of the name."
MUTED_ORDERS = "🔕 <b>Muted orders</b>"
MUTED_NONE = "No active order is muted. Each order has a Mute button."
MUTED_EXPLAINED = (
    "Of these I tell neither fills nor low funds. Their fills are kept and listed; when one ends, I still "
    "tell you."
)
B_UNMUTE_ORDER = "🔔 Unmute #{number}"
SAID_OF_ORDER = "#{number}: {said}"
HELD_AT = "at {time} (in {span})"
HELD_ON = "on {day} at {time} (in {span})"
HOURS_HOW = "I read times like 9, 9:30, 21:00 and 9pm."
QUIET_HOW = "I read quiet hours like 22-7 or 22:30-6:45, and off for none."
FILLS_HOW = "I read each, silent, daily 9, weekly Monday 9:30, and now to tell what is held back."
QUIET_NO_SPAN = (
    "Quiet hours have to begin and end at two different times, so that there is a time to tell you what they "
    "held back. To hear no sound at all, choose silent fills."
)
ZONE_UNREADABLE = (
    "That is not a time zone. I read cities like Tokyo, countries like Kenya, names like Europe/Zurich, and "
    "offsets from UTC like +5:30."
)
ZONE_UNKNOWN = (
    "I know no such time zone. Try the country, a bigger city in the same zone, or the offset from UTC, "
    "such as +5:30."
)
ZONE_WHICH = "Which one do you mean: {names}?"
ZONE_OFFSETS = "Offsets from UTC go from -12:00 to +14:00."

# --- notices ---

REPEAT = "🔁 This may be a repeat of a message that you already have."

FILL = "🟢 <b>{name} · {pair}</b>"
FILL_NAME = "Fill {number}"
BOUGHT = "Bought {what}"
FOR = "{bought} for {paid}"
PRICE = "Price {price}"
AVERAGE = "average {price}"
LEFT = "{amount} left"
NEXT_FILL = "Next {when}"

MANY_FILLS = "🟢 <b>{count} fills</b>"
ONE_FILL = "🟢 <b>1 fill</b>"
MANY_NEWS = "🔔 <b>{count} notices</b>"
MANY_EQUAL = "{said} ({count} ×)"
MANY_BETWEEN = "from {first} to {last}"
MANY_ORDERS_MORE = "… and more orders: {orders} (fills: {fills}), see /fills"
FILLED_AT = "Filled at {when}"
MANY_OF_ORDER = "<b>#{number} · {pair}</b>"
MANY_MORE = "… and {fills}, in the sum below; see 🧾 Fills of the order"
FILLS_NAMED = "Fills {numbers}"
ONE_HELD = "1 notice"
MANY_HELD = "{count} notices"
FILLS_COUNTED = "{count} fills"
TOGETHER = "Together: {sums}"
FINISHED = "🏁 finished"
IS_FINISHED = "🏁 <b>#{number} is finished.</b>"
IS_LOW = "🪫 <b>#{number} is low on funds:</b> what is left is less than its next buy takes."

ORDER_FINISHED = "🏁 <b>#{number} finished</b> · {pair}"
ORDER_CANCELLED = "✋ <b>#{number} was cancelled</b> · {pair}"
ORDER_OPENED = "🆕 <b>#{number} was opened elsewhere</b> · {pair}"
WAS_LOW = "🪫 <b>#{number} was low on funds</b>, and has enough for its next buy again · {pair}"
FUNDS_LOW = "🪫 <b>#{number} is low on funds</b> · {pair}"
CYCLE_OVERDUE = "⏰ <b>#{number}: a fill is overdue</b> · {pair}"
WAS_DUE = "It was due at {when} ({ago}) and has not come yet."
OVERDUE_MEANS = (
    "Jupiter's keepers fill the orders, usually within a minute. What is left stays in the order. "
    "I keep looking, and tell you when it is filled."
)
CYCLE_SKIPPED = "⏸ <b>#{number}: no fill this time</b> · {pair}"
WAS_PLANNED = "None came for the cycle of {when} ({ago})."
SKIPPED_RANGE = "It only fills within its price range, and lets cycles pass meanwhile."
SKIPPED_VALUE = "A price order buys what is missing to the value it aims at; when nothing is, a cycle passes."
SKIPPED_MEANS = "Nothing was spent, and it goes on by itself. I tell you of the next fill."
WAS_LATE = "⏰ A fill of #{number} was late, and has come since."
UNKNOWN_FILL = "🟢 A fill of order <code>{key}</code> · {link}"
UNKNOWN_ORDER = "🔔 Order <code>{key}</code> {what}"
UNKNOWN_WHAT = {
    "opened": "was opened",
    "finished": "finished",
    "cancelled": "was cancelled",
    "low": "is low on funds",
    "overdue": "is overdue for a fill",
    "skipped": "had no fill this time",
}
OPERATOR = "🛠 <b>Operator: {topic}</b>"
OPERATOR_BRIEF = "🛠 {words}"

B_MUTE = "🔕 Mute"
B_DEPOSIT = "➕ Deposit"

ORDERS_UNSEEN = (
    "⏳ <b>I cannot see your orders at the moment.</b>\n"
    "Jupiter has not shown them to me since {since} ({ago}). They go on without me, and I tell you of every "
    "fill as soon as I see it."
)
ORDERS_SEEN_AGAIN = (
    "✅ <b>Back to normal.</b>\n"
    "I see your orders again. From {since} to {until} I could not; of what was filled meanwhile "
    "you hear as usual."
)

# --- for the operator ---

TROUBLE_OVER = "{what} It lasted {minutes} min."
POLLING_STALE = (
    "Some wallet was not looked at for more than {minutes} minutes: fills may be told late. Those whom it "
    "concerns are told."
)
POLLING_OVER = "Polling is back to normal: every wallet is looked at in time."
UPDATES_SILENT = (
    "Telegram has not answered getUpdates for more than a minute: nobody can reach the bot. "
    "It opens its connections anew and tries on."
)
UPDATES_OVER = "Telegram answers getUpdates again."
FILLS_MISSING = (
    "Order {key} of {owner} used more input than its known fills add up to, for {minutes} minutes now: "
    "a fill may be missing."
)
FILLS_COMPLETE = "Order {key} of {owner}: its fills add up to what it used again."
REFUSED = "Refused to sign action {action} ({kind}) of person {person}, rule {rule}: {why}"
REFUSED_AT = "{rule}, instruction {instruction}"
NOT_REFUSED = "Transactions of the kind {kind} are as confirmed again: action {action} is signed."
NOT_SIGNED = "Action {action} of person {person} could not be signed: {why}"
CANNOT_OPEN = (
    "Wallet {wallet} of person {person} cannot be opened: its master key is another one, or its row was "
    "changed. It is hidden."
)
OPENS_AGAIN = "Wallet {wallet} of person {person} opens again."
BROKEN_REMOVED = "Wallet {wallet} of person {person} was removed."
DEAD_LETTERS = "A notice to person {person} was given up: {why} All of them are counted in /status."
DEAD_LETTERS_OVER = "No notice was given up for an hour."

# --- /status ---

STATUS = "🩺 <b>Status</b>"
SERVICE_UNKNOWN = "⚪ {name}: not asked yet"
SERVICE_OK = "✅ {name} answers"
SERVICE_DOWN = "❌ {name}: no answer, noticed {ago}"
LAST_LOOKS = "<b>Last looked for fills</b>"
LOOK = "{wallet}: {ago}"
LOOK_NEVER = "not yet"
LOOK_FAILED = " · ⚠️ failed {count} × since"
UNSENT = "Messages to you that wait: {count}"
QUEUE = "<b>Notices to everybody</b>"
QUEUE_STATES = {
    "PENDING": "{count} waiting",
    "SENDING": "{count} being sent",
    "PLANNED": "{count} kept for digests and quiet hours",
    "HELD": "{count} held for people who blocked the bot",
    "DEAD": "{count} given up (dead letters)",
}
TROUBLES = {
    "polling": "Wallets are looked at too late",
    "unseen": "People were told that I cannot see their orders",
    "updates": "Telegram hands out no updates",
    "conservation": "Orders whose fills do not add up",
    "refused": "Transactions that were not what was confirmed",
    "vault": "Wallets that cannot be opened",
    "dead letters": "Notices were given up",
}
TROUBLE = "⚠️ {what}{count}, noticed {ago}"
NO_TROUBLE = "✅ Nothing is known to be wrong"

COMMAND_MENU = {
    "start": "Home",
    "orders": "Your orders",
    "fills": "The latest fills",
    "chart": "Fills against the market",
    "report": "What an order paid",
    "deposit": "Add funds to an order",
    "withdraw": "Take funds out of an order",
    "new": "Open an order",
    "wallet": "Wallets and balances",
    "settings": "Time zone, digests, quiet hours",
    "help": "What works, in short",
}

# --- refusals before a card, and how an action ended: what services and rules say ---

ADDRESS_ETHEREUM = "That looks like an Ethereum address. A Solana address has no 0x."
ADDRESS_INVALID = (
    "That is not a Solana address. It has 32 to 44 letters and digits; copy it whole from your wallet."
)
AMOUNT_EMPTY = "Please type an amount, for example 12.5."
AMOUNT_TOO_LONG = "That is too long for an amount. Type digits, for example 12.5."
AMOUNT_NEGATIVE = "An amount cannot be negative."
AMOUNT_TOO_FINE = "That is finer than the token can be divided: it has {decimals} decimal places."
AMOUNT_TENTHS = "That is finer than the token can be divided: it has 1 decimal place."
AMOUNT_WHOLE = "That is finer than the token can be divided: it has no decimals."
AMOUNT_ZERO = "The amount must be more than zero."
AMOUNT_TOO_LARGE = "That is more than any token account can hold."
AMOUNT_SHARE = "A share is a whole number from 1% to 100%."
AMOUNT_GROUPED = "Could be {readings}: please type digits with at most one point."
AMOUNT_EXPONENT = "Please write the number out: digits with at most one point."
AMOUNT_INVALID = "That is not an amount. Type digits with at most one point, for example 12.5."
PRICE_ORDER = "The lowest price ({low}) is above the highest ({high})."
PRICE_INVALID = "A price is digits with at most one point, for example 172.5."
PRICE_ZERO = "A price must be more than zero."
PRICE_TOO_HIGH = "At that price one part would buy nothing that can be counted."
PRICE_TOO_LOW = "That price is too low to be a bound."
REFUSED_WATCH_ONLY = "{wallet} is watched only: there is no key here to sign with. Nothing was done."
REFUSED_CLOSED = "Order #{number} is closed already; what was left is back in the wallet. Nothing was done."
REFUSED_TIME_DEPOSIT = (
    "Order #{number} is a time order, and Jupiter's API cannot add funds to one. You can open a "
    "new order with the same settings. Nothing was done."
)
REFUSED_TIME_WITHDRAW = (
    "Order #{number} is a time order, and Jupiter's API cannot take a part out of one. You can "
    "cancel it: the rest comes back to the wallet. Nothing was done."
)
REFUSED_TOKEN_2022 = "{symbol} is a Token-2022 token; only classic SPL tokens work here. Nothing was done."
IN_WALLET = "In the wallet"
SOL_STAYS = " It holds {held} SOL, of which up to {stays} SOL stays for fees and rent."
NOTHING_THERE = "{place} there is no {symbol} to use.{reason} Nothing was done."
TOO_LITTLE_THERE = (
    "{place} there is {held} {symbol} to use, and you asked for {asked}.{reason} Nothing was done."
)
SHARE_TOO_SMALL = "That share of {held} {symbol} is less than one unit."
WARN_UNVERIFIED = "{symbol} is not a verified token: compare its address {mint} with a source you trust."
NOTE_WRAPPED = "SOL may come back wrapped; the wallet screen can unwrap it."
NOTE_RENT_BACK = "The SOL that is locked in the order's accounts comes back, too."
NEW_SAME_TOKEN = "An order sells one token to buy another: choose two different ones."
NEW_TOO_FEW_PARTS = "An order is split into at least {least} parts."
NEW_TOO_MANY_PARTS = "An order is split into at most {most} parts."
NEW_TOO_OFTEN = "The time between two parts is at least {seconds} seconds."
NEW_TOO_RARELY = "The time between two parts is at most a year."
NEW_START_PAST = "That start is in the past. Leave it out to start at once."
NEW_START_FAR = "The start is at most a year from now."
NEW_DUST = "That is too little to be split into so many parts."
NEW_ROUNDED = "Rounded down from {asked} to {shown} {symbol}: {parts} equal parts."
NEW_NO_PRICE = (
    "The price of {symbol} is not known now, so Jupiter's minimum of {least} USD cannot be "
    "checked. Nothing was done."
)
NEW_BELOW_TOTAL = (
    "Jupiter's minimum for an order is {least} USD in all; this is ≈ {worth} USD. Nothing was done."
)
NEW_BELOW_EACH = (
    "Jupiter's minimum for each part is {least} USD; these are ≈ {worth} USD each. With this "
    "total use at most {most} parts. Nothing was done."
)
NEEDS_SOL = (
    "That needs up to {needed} SOL in the wallet, with fees, rent and the network's minimum "
    "balance; it holds {held} SOL. Send it some SOL first."
)
NEEDS_MORE = "The wallet does not hold enough of the token for that."
NEEDS_TOKENS = "That needs {needed} {symbol}; the wallet holds {held} {symbol}."
ORDERS_LEFT_OUT = "{count} of your orders cannot be shown now: their tokens could not be looked up."
FIND_HOW = (
    "Name an order by its number (#7), a token (sol), a pair (usdc sol), the name of its wallet, or the "
    "first 4 or more characters of its address."
)
FIND_NOTHING = "You have no order that fits “{query}”. /orders shows all of them."
FIND_SEVERAL = "{count} of your orders fit “{query}”."
FIND_DOUBTFUL = "The order that fits “{query}” is of a token that looks like another one."
ORDER_UNKNOWN = "You have no order #{number}."
ORDER_TOKENS_UNKNOWN = "The tokens of this order cannot be looked up now. Nothing was done."
ORDER_WALLET_BROKEN = "The wallet of this order cannot be opened. Nothing was signed."
END_RESTARTED = "The bot restarted before anything was signed: nothing moved. You can try again."
END_NO_WALLET = "The wallet is no longer here with its key. Nothing was signed, nothing moved."
END_UNREADABLE_KEY = (
    "The wallet's key cannot be opened, so nothing was signed and nothing moved. It is recorded "
    "for the operator."
)
END_LAPSED = "It never reached the chain and no longer can: nothing moved. You can try again."
MEANWHILE_UNCLEAR = "Jupiter did not say clearly what became of it. The chain decides: I keep looking."
MEANWHILE_JUPITER_SAYS_NO = "Jupiter says that it failed. Only the chain decides: I keep looking."
MISMATCH_OURS = "The transaction that was built does"
MISMATCH_JUPITER = "Jupiter returned a transaction that does"
END_MISMATCH = (
    "{who} something other than you confirmed: nothing was signed, nothing moved. It is recorded "
    "for the operator. Do not try again before you have heard from them."
)
END_OTHER_BOUNDS = (
    "Jupiter turned your price range into {crafted} for each part, where you confirmed {confirmed}: nothing "
    "was signed, nothing moved. It is recorded for the operator. An order without a price range may work."
)
BOUND_LEAST = "at least {amount}"
BOUND_MOST = "at most {amount}"
BOUND_NONE_LEAST = "no minimum"
BOUND_NONE_MOST = "no maximum"
BOUND_RAW = "{raw} base units"
RAISE_CAP = "Raise your limit in /settings, or try again later."
ABOVE_OPERATOR_CAP = "That is more than the operator allows, and is recorded for them. Try again later."
END_FEE_ABOVE_CAP = (
    "Jupiter asked for a priority fee of {fee} SOL, your limit is {cap} SOL: nothing was signed. {advice}"
)
DONE_CREATED = "The order is open. You will be told of every fill."
DONE_CANCELLED = "The order is closed and what was left is back in the wallet.{wrapped}"
DONE_DEPOSITED = "The funds are in the order."
DONE_WITHDRAWN = "The funds are back in the wallet.{wrapped}"
DONE_SENT = "It has arrived."
DONE_UNWRAPPED = "It is native SOL now."
DONE_WRAPPED = " SOL may be wrapped: the wallet screen can unwrap it."
END_FAILED = (
    "The chain refused it{reason}: only the network fee was paid, nothing else moved. You can try again."
)
END_REJECTED = "{reason} Nothing was signed, nothing moved."
END_UNANSWERED = "{reason} I tried for two minutes: nothing was signed, nothing moved. Try again later."
NOTHING_SIGNED = "Nothing was signed."
NOTHING_SENT = "Nothing was sent."
FEE_ABOVE_OPERATORS = "The operator of this bot allows at most {most} SOL."
IN_ORDER = "In order #{number}"
IN_OUTPUT = "In order #{number} on the output side"
NOTHING_WRAPPED = "There is no wrapped SOL in this wallet. Nothing to do."
SEND_TO_ORDER = (
    "That is your order #{number}, not a wallet: what is sent there is lost. To add funds, use "
    "/deposit {number}. Nothing was done."
)
SEND_TO_PROGRAM = (
    "That address belongs to a program, not to a wallet: what is sent there would be lost. Nothing was done."
)
SEND_TO_GIVEN_AWAY = (
    "The account in which that wallet receives this token belongs to {spender}, not to the wallet. "
    "Ask the receiver for another address. Nothing was signed."
)
SEND_TO_SELF = "That is the address of this very wallet. Nothing was done."
SEND_TO_TOKEN = (
    "That is the address of a token or a program, not of a wallet: what is sent there would be lost. "
    "Nothing was done."
)
SEND_TOO_LITTLE = (
    "That address is empty so far: the network takes {least} SOL at least to open it, not "
    "{asked}. Nothing was done."
)
SEND_TO_OWN = "That is your own wallet {wallet}."
SEND_FIRST_USE = "You never sent anything to this address from here: compare every character. "
SEND_FINAL = "What is sent cannot be called back."
TOKEN_UNKNOWN = "There is no token with the address {mint}."
TOKEN_NAMELESS = "Unknown token"
WALLET_BUSY = (
    "Something that you confirmed for this wallet is still under way. Nothing was removed: try "
    "again when its card says how it ended."
)
EXPORT_WATCHED = "This wallet is watched only: there is no key here to export."
NAME_LENGTH = "A name has 1 to {most} characters."
NAME_TAKEN = "Another wallet of yours is called {name} already."
NAME_INVISIBLE = "A name is made of characters that one can see."
WALLET_NAME = "Wallet {number}"

# --- errors, where whoever raises them says nothing more (see bot.errors) ---

ERROR = "Something went wrong."
THE_SERVICE = "The service"
SERVICE_SILENT = "{service} does not answer right now. Nothing was sent."
SERVICE_BUSY = "{service} asks us to slow down. Nothing was sent."
ERROR_USER = "That did not work."
INVALID_INPUT = "I do not understand that."
INVALID_AMOUNT = "That is not an amount."
INVALID_ADDRESS = "That is not a Solana address."
INVALID_KEY = "That is not a private key that I can import."
ORDER_TOO_SMALL = "That order is below Jupiter's minimum."
INSUFFICIENT_FUNDS = "The wallet does not hold enough for that."
UNKNOWN_TOKEN = "I do not know that token."
UNSUPPORTED_TOKEN = "Jupiter's recurring orders do not support that token."
AMBIGUOUS_ORDER = "Several of your orders match."
NOT_FOUND = "I cannot find that."
WALLET_NOT_FOUND = "You have no such wallet here."
ORDER_NOT_FOUND = "You have no such order."
CONFIRMATION_EXPIRED = "This button is no longer valid. Nothing was done by this tap."
NOT_ALLOWED = "That is not allowed."
WATCH_ONLY_ERROR = "This wallet is watched only: there is no key here to sign with."
ORDER_NOT_PROVEN = (
    "I could not prove that this order belongs to your wallet, so no money will be moved for it."
)
ORDER_NOT_SUPPORTED = "Jupiter's API does not offer that for this kind of order."
LIMIT_REACHED = "That is more than is allowed here."
TOO_MANY_WALLETS = "You have as many wallets as are allowed here."
TOO_FAST_ERROR = "Slow down a little, please."
GATEWAY_ERROR = "A service that this bot depends on did not do what was asked."
ORDER_REJECTED = "Jupiter refused this. Nothing was signed."
OUTCOME_UNKNOWN = "Signed bytes may have left: only the chain can say what became of them."
UNEXPECTED_RESPONSE = "The service answered something that this bot does not understand."
SIGNING_ERROR = "Nothing was signed."
TRANSACTION_MISMATCH = (
    "Jupiter returned a transaction that does something other than you confirmed: nothing was signed."
)
FEE_ABOVE_CAP = "Jupiter asked for a higher priority fee than was confirmed: nothing was signed."
VAULT_ERROR = (
    "This wallet's key cannot be opened: wrong master key, or its row was changed. Nothing was signed."
)
STORAGE_ERROR = "The database did not do what was asked."
ALREADY_RUNNING = "Another process of this bot already uses this database."
DELIVERY_ERROR = "Telegram did not take the message."
CHAT_GONE = "The person blocked the bot or is gone."
DELIVERY_DELAYED = "Telegram does not take the message yet; it was not delivered."
DELIVERY_REJECTED = "Telegram refuses this message as it is; it was not delivered."
DELIVERY_UNKNOWN = "The message may have been delivered: the answer got lost."
CONFIGURATION_ERROR = "The configuration does not work."

# --- buttons, cards and questions ---

CARD_CONFIRM = "Confirm: "
B_CONFIRM = "✅ Confirm"
B_KEEP = "✖️ Keep the order"
B_DECLINE = "✖️ Cancel"
NO_TRANSACTION = "no transaction"
B_HOME = "🏠 Home"
B_ORDERS = "📋 Orders"
CARD_FEE = "Network fee: at most {most}"
VERB_DEPOSIT = "deposit into order{order}"
VERB_WITHDRAW = "withdraw from order{order}"
VERB_CANCEL = "cancel order{order}"
VERB_OPEN = "open a time order"
VERB_SEND_TOKENS = "send tokens"
VERB_SEND_SOL = "send SOL"
VERB_UNWRAP = "unwrap SOL"
CARD_DEPOSIT = "Deposit: <b>{amount}</b>{worth}"
CARD_TOKEN = "Token: {token}"
CARD_FROM = "From: {place}"
CARD_TO = "To: {place}"
CARD_CLOSE = "Close: {order}"
CARD_REST_BACK = "What is left comes back to the wallet."
CARD_SEND = "Send: <b>{amount}</b>{worth}"
NATIVE_SOL = "native SOL"
CARD_TO_ADDRESS = "To: <code>{address}</code>"
CARD_UNWRAP = "All wrapped SOL of the wallet becomes SOL; the rent of its account comes back, too."
CARD_WALLET = "Wallet: {wallet}"
CARD_WITHDRAW_ALL = "Withdraw: <b>everything that is left then</b>"
CARD_WITHDRAW = "Withdraw: <b>{amount}</b>{worth}"
CARD_SELL = "Sell: <b>{amount}</b> in all{worth}"
CARD_PARTS = "In <b>{count} parts</b> of {part}, {cycle}"
CARD_STARTS = "Starts: {when}"
SELLS = "Sells: {token}"
BUYS = "Buys: {token}"
CARD_RECEIVER_RENT = "Opening the receiver's account: at most {most}, which you do not get back"
CARD_RENT = "Rent for new accounts, returned when they close: at most {most}"
INPUT_PER_OUTPUT = "input per output"
CARD_PRICES = "Only at prices from {low} to {high} {unit}"
CARD_PRICES_FROM = "Only at prices of {low} {unit} or more"
CARD_PRICES_TO = "Only at prices of {high} {unit} or less"
AND = " and "
CARD_COMES_BACK = "Comes back, as of now: <b>{back}</b>"
CARD_AS_OF_NOW = "As of now: <b>{back}</b>{worth}"
IN_THE_ORDER = "In the order"
AVAILABLE = "Available"
B_TRANSACTION = "🔎 Transaction"
B_ORDER = "📄 Order #{number}"
BASE_UNITS = "{raw} base units of {mint}"
THE_ORDER = "order{number}"
VIA_JUPITER = "through Jupiter"
VIA_NETWORK = "to the Solana network"
TRY_AGAIN = "Try again, or stop."
B_STOP = "✖️ Stop"
B_WATCH_IT = "👁 Watch it"
ADDRESS_PASTED = "That is a Solana address. Shall I watch it? I need no key for that."
FORM_NEW = (
    "I read new orders like this: /new 500 USDC to SOL in 10 every 1d, and after it, if you "
    "like, between 150 and 180 (or above 150, or below 180), and from 2026-12-01."
)
FORM_COUNT = "The number of parts is a whole number, for example 10."
FORM_EVERY = "I read times like 30s, 30min, 4h, 1d or 1w."
FORM_RANGE = "I read price ranges like 150 and 180, above 150, or below 180."
FORM_START_PAST = "That start lies in the past."
FORM_DATE = "I read dates like 2026-12-01 or 2026-12-01 14:30."
FORM_PRICE = "A price is digits with at most one point, for example 150 or 0.25."
PRICE_ORDERS_CLOSED = "Jupiter no longer opens price orders. Open a time order with /new."
B_CREATE_WALLET = "✨ Create a wallet"
B_IMPORT_WALLET = "🔑 Import a wallet"
NEW_FROM_WALLET = "{question}\nWallet: {wallet}"
B_ANY_PRICE = "Any price"
B_NOW = "Now"
NO_SUCH_TOKEN = "I found no such token. Send its mint address instead."
B_NEW_ORDER = "🆕 New order"
B_NEW_LIKE = "🆕 New, same settings"
B_BACK = "‹ Back"
DEPOSIT_INTO = "<b>Deposit into #{number}</b> · {pair}"
AVAILABLE_NOW = "Available: <b>{amount}</b>"
B_MAX = "Max"
SEND_NO_WALLET = "You have no wallet here whose key I could send with."
SEND_FROM = "📤 <b>Send from {wallet}</b>"
SEND_HOW = "How much of what, to where? In one line:"
SEND_EXAMPLE = "<code>1.5 USDC ADDRESS</code>"
FORM_SEND = "Write it in one line, like: 1.5 USDC ADDRESS"
SEND_NO_TOKEN = "This wallet holds no token of that name. You can write its mint address."
SEND_AMBIGUOUS = "Several tokens in this wallet have that name. Write the mint address: {mints}"
TOKEN_NOT_KNOWN = "I do not know a token called {shown}. Send its mint address instead."
TOKEN_NOT_SURE = "Not sure which token {shown} is. Send the mint address, for example: {choice}"
TOKEN_ASKED = "Send a token's name, symbol or mint address."
WATCH_MEANS = "I show its orders and tell you about its fills from now on. I cannot move anything."
WATCH_OWNED = "This wallet is yours already"
WATCHING = "Watching"
B_CANCEL_REST = "🛑 Cancel, get rest"
WITHDRAW_FROM = "<b>Withdraw from #{number}</b> · {pair}"
IN_THE_ORDER_NOW = "In the order: <b>{amount}</b>"
B_ALL = "All"
WAITING_THERE = "Bought and waiting there: {waiting}"
B_TAKE_WAITING = "📥 Take what waits"
B_COPY_KEY = "📋 Copy the key"
B_WALLET = "👛 Wallet"
YOUR_WALLET = "your wallet"
MORE_LINES = "… and more lines: {count}"
JUPITER_REFUSED = "Jupiter refused: {words}"
JUPITER_NO_JSON = "Jupiter answered something that is not JSON."
JUPITER_BUSY = "Too many requests to Jupiter right now. Nothing was sent."
JUPITER_NO_TRANSACTION = "Jupiter did not return a transaction. Nothing was signed."
NO_PRICE = "That is not a price."
JUPITER_LOCKED_OUT = "Jupiter refuses this bot: its operator must check JUPITER_API_KEY. Nothing was sent."
KEY_INVALID = (
    "That is not a private key that I can import. I take the base58 text that Phantom and "
    "Solflare export, or the numbers in [ ] of a Solana key file. Never send a seed phrase."
)
KEY_DAMAGED = "That private key is damaged: its two halves do not belong together. Copy it again, whole."
TRIAL_FAILED = "Trying it out failed: {reason} Nothing was signed."
TRIAL_NO_FEE = "The wallet has not enough SOL for the network fee."
TRIAL_NO_MINIMUM = "An account would be left with less SOL than the network's minimum."
TRIAL_TOO_OLD = "The transaction is too old already."
TRIAL_SENT_BEFORE = "This very transaction was sent before."
TRIAL_NOT_ENOUGH = "The wallet does not hold enough for it."
TRIAL_CODE = "The program refuses it (code {code})."
TRIAL_COMPUTE = "Its compute limit is too low."
TRIAL_REFUSED = "The program refuses it ({name})."
TRIAL_NETWORK = "The network refuses it."
TRIAL_GONE = "An account is not there any more: the order was probably filled or closed meanwhile."
TRIAL_AMOUNT = "The amount is not valid."
TRIAL_CYCLE = "The amount of one cycle is not valid."
TRIAL_TOO_OFTEN = "The time between cycles is too short."
TRIAL_NO_RENT = "There is not enough SOL for the rent of an account."
TOO_OLD_TO_SIGN = "The transaction was too old to be signed. Nothing was signed: try again."
RECEIVER_IS_PROGRAM = "That address is not a wallet but an account of a program. Nothing was signed."
WALLETS_FULL = "You have as many wallets as are allowed here: {limit}."

# --- charts and reports ---

DRAWING_FAILED = "The picture could not be drawn just now. Nothing was changed; you can try again."
DRAWING_BUSY = "Many pictures are being drawn right now. Nothing was changed; try again in a moment."
B_CHART = "📈 Chart"
B_REPORT = "📊 Report"
CHART_OF_ORDER = "📈 <b>Chart of #{number} · {pair}</b>"
CHART_OF_WALLET = "📈 <b>Chart of {wallet}</b>"
CHART_FILLS = "{count} fills from {first} to {last}"
CHART_FILL = "One fill, {first}"
CHART_NO_FILLS = "No fills yet"
CHART_RANGE = "Fills from {low} to {high} {unit}"
CHART_MARKET = "Market"
CHART_AVERAGE = "Average"
CHART_DOTS = "Fills"
CHART_PAID = "Invested"
CHART_WORTH = "Worth"
CHART_USD = "USD"
CHART_NOTHING = "There is nothing to draw yet: a chart needs a fill, or prices that I saw myself."
CHART_NO_PICTURE = "⚠️ {why} This is what it shows:"
WATCHED_ALL = "Market line: prices that I saw myself all along."
WATCHED_PART = (
    "Market line: prices that I saw myself, for {percent} of this time. Its gaps are when I did not watch."
)
WATCHED_NONE = "No market line: I did not watch its price in this time."
WORTH_PART = "The line has gaps: for {percent} of this time I know every price."
WORTH_NONE = "No line for the worth: I did not watch the prices in this time."
WALLET_PAID = "Invested: <b>{usd}</b>, what its fills cost when they happened"
WALLET_WORTH = "Worth now: <b>{usd}</b> · {percent}"
WALLET_WORTH_UNKNOWN = "Worth now: not known, a price is missing"
WALLET_ALL_BOUGHT = "That is all its orders bought, also what has left the wallet since."
WALLET_LEFT_OUT = "Fills left out, as nobody watched what they cost in USD: {left_out} of {count}"
LESS_THAN_1_PERCENT = "less than 1 %"

REPORT_OF = "📊 <b>Report of #{number} · {pair}</b>"
REPORT_PERIOD = "{start} to {end} · {span}"
REPORT_SO_FAR = "{start} until now · {span}"
REPORT_PAID = "Paid in all: <b>{amount}</b>"
REPORT_BOUGHT = "Bought (net): <b>{amount}</b>"
REPORT_FEES = "Jupiter's fees: {fees}"
REPORT_NO_FEES = "Jupiter's fees: none"
REPORT_FILLS = "Fills: {count}"
REPORT_FILLS_OF = "Fills: {count} of {total}"
REPORT_SKIPPED = "cycles without a fill: {count}"
REPORT_AVERAGE = "Average: <b>{price}</b> {unit}"
REPORT_MARKET = "Market average by time: ≈ {price}"
REPORT_WATCHED_ALL = "I watched its price all along."
REPORT_WATCHED = "I watched its price for {percent} of the time."
REPORT_NOT_WATCHED = "Market average: not known, I did not watch its price in this time"
REPORT_COMPARED = "→ {compared}"
REPORT_COMPARED_PART = "→ The {count} fills of that time, average {price}: {compared}"
REPORT_COMPARED_ONE = "→ The one fill of that time, at {price}: {compared}"
VERSUS_CHEAPER = "bought ≈ {percent} % cheaper than the market average"
VERSUS_DEARER = "bought ≈ {percent} % dearer than the market average"
VERSUS_HIGHER = "sold ≈ {percent} % higher than the market average"
VERSUS_LOWER = "sold ≈ {percent} % lower than the market average"
VERSUS_EQUAL = "at about the market average"
REPORT_BEST = "Best fill: {price} · {when} · {link}"
REPORT_WORST = "Worst fill: {price} · {when} · {link}"

# --- times, prices and exports ---

PRICE_UNIT = "{one} per {other}"
EVERY = "every {span}"
IN_TIME = "in {span}"
DUE_NOW = "due now"
AGO = "{span} ago"
JUST_NOW = "just now"
ANY_MOMENT = "any moment"
DUE_ANY_MOMENT = "≈ {moment} (due, any moment)"
SECONDS = "{seconds} s"
UNITS_OF_TIME = ((604800, "week", "weeks"), (86400, "day", "days"), (3600, "h", "h"), (60, "min", "min"))
"""In seconds; for one and for many of them."""
EVERY_ONE = ("day", "week")
"""Units that are left uncounted in "every day"."""
