"""What Jupiter's DCA and VA programs check and do, instruction by instruction, in native instructions.

VA's account list for close is not public: any order of the accounts that can matter is taken.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from solders.account import Account
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from bot.sandbox import orderstate, steps
from bot.sandbox.orderstate import Effect, Refused, State
from bot.solana import programs
from bot.solana.programs import accounts, ids

Read = Callable[[Pubkey], Account | None]
SHORTEST_CYCLE_S = 30


class Call:
    """One instruction of an emulated program."""

    def __init__(self, instruction: Instruction, read: Read, now: int, effects: dict[Pubkey, Effect]) -> None:
        self._instruction = instruction
        self._program = instruction.program_id
        self._keys = [meta.pubkey for meta in instruction.accounts]
        self._read = read
        self._now = now
        self._effects = effects
        self.kind = ""
        self.authorities: list[Pubkey] = []
        """The programs' own addresses that sign for it."""

    def run(self) -> list[Instruction]:
        layout = programs.find(self._program, self._instruction.data)
        effect = None if layout is None else _EFFECTS.get((self._program, layout.name))
        if layout is None or effect is None:
            raise Refused(orderstate.UNKNOWN_INSTRUCTION, "Fallback functions are not supported.")
        try:
            args = layout.decode(self._instruction.data)
        except ValueError as exc:
            raise Refused(
                orderstate.UNREADABLE_INSTRUCTION, "The program could not deserialize the instruction."
            ) from exc
        self.kind, emulate = effect
        return emulate(self, layout, args)

    # --- the DCA program ---------------------------------------------------------------------------------

    def open_dca(self, layout: programs.Instruction, args: dict[str, Any]) -> list[Instruction]:
        account = self._slots(layout)
        user, order = account["user"], account["dca"]
        input_mint, output_mint = account["input_mint"], account["output_mint"]
        amount, per_cycle = args["in_amount"], args["in_amount_per_cycle"]
        seeds = programs.derive.order_seeds(
            self._program, user, input_mint, output_mint, args["application_idx"]
        )
        derived, bump = Pubkey.find_program_address(seeds, self._program)
        if order != derived:
            raise Refused(orderstate.WRONG_SEEDS, "A seeds constraint was violated.")
        if input_mint == output_mint:
            raise Refused(orderstate.INVALID_PAIR, "Invalid pair")
        if amount <= 0:
            raise Refused(orderstate.INVALID_AMOUNT, "Invalid deposit amount")
        if not 0 < per_cycle <= amount:
            raise Refused(orderstate.INVALID_CYCLE_AMOUNT, "Invalid deposit amount")
        if args["cycle_frequency"] < SHORTEST_CYCLE_S:
            raise Refused(orderstate.TOO_FREQUENT, "Too frequent DCA cycle")
        self._expect(layout, account, self._cast(user, order, input_mint, output_mint))
        state = accounts.Dca(
            user=user,
            input_mint=input_mint,
            output_mint=output_mint,
            idx=args["application_idx"],
            next_cycle_at=max(args["start_at"] or 0, self._now),
            in_deposited=amount,
            in_withdrawn=0,
            out_withdrawn=0,
            in_used=0,
            out_received=0,
            in_amount_per_cycle=per_cycle,
            cycle_frequency=args["cycle_frequency"],
            next_cycle_amount_left=min(per_cycle, amount),
            in_account=account["in_ata"],
            out_account=account["out_ata"],
            min_out_amount=args["min_out_amount"] or 0,
            max_out_amount=args["max_out_amount"] or 0,
            created_at=self._now,
            bump=bump,
        )
        self._becomes(Effect(order, state, opened=True))
        return orderstate.open_order(state, order, account["payer"], account["user_ata"], user)

    def close_dca(self, layout: programs.Instruction, args: dict[str, Any]) -> list[Instruction]:
        account = self._slots(layout)
        user, order = account["user"], account["dca"]
        state = self._state(order, user)
        assert isinstance(state, accounts.Dca)
        self._expect(layout, account, self._cast(user, order, state.input_mint, state.output_mint))
        left = orderstate.in_left(state)
        closed = replace(state, in_withdrawn=state.in_withdrawn + left, out_withdrawn=state.out_received)
        self._becomes(Effect(order, closed, closed=True))
        return [
            *self._pay_back(account["in_ata"], order, user, state.input_mint),
            *self._pay_back(account["out_ata"], order, user, state.output_mint),
            steps.close(account["in_ata"], user, order),
            steps.close(account["out_ata"], user, order),
        ]

    # --- the VA program ----------------------------------------------------------------------------------

    def deposit(self, layout: programs.Instruction, args: dict[str, Any]) -> list[Instruction]:
        account = self._slots(layout)
        user, order, amount = account["user"], account["value_average"], args["amount"]
        state = self._state(order, user)
        assert isinstance(state, accounts.ValueAverage)
        self._expect(layout, account, self._cast(user, order, state.input_mint, state.output_mint))
        if amount <= 0:
            raise Refused(orderstate.INVALID_DEPOSIT, "Deposit should be more than 0")
        topped = replace(state, in_deposited=state.in_deposited + amount, in_left=state.in_left + amount)
        self._becomes(Effect(order, topped))
        return [steps.move(account["user_input_account"], account["input_vault"], user, amount)]

    def withdraw(self, layout: programs.Instruction, args: dict[str, Any]) -> list[Instruction]:
        account = self._slots(layout)
        user, order = account["signer"], account["value_average"]
        state = self._state(order, user)
        assert isinstance(state, accounts.ValueAverage)
        players = self._cast(user, order, state.input_mint, state.output_mint, args["withdrawal"])
        self._expect(layout, account, players)
        from_input = args["withdrawal"] == "In"
        there = state.in_left if from_input else state.out_received - state.out_withdrawn
        amount = there if args["amount"] is None else args["amount"]
        if not 0 < amount <= there:
            raise Refused(orderstate.INSUFFICIENT_BALANCE, "Trying to withdraw more than available")
        if from_input:
            state = replace(state, in_left=there - amount, in_withdrawn=state.in_withdrawn + amount)
        else:
            state = replace(state, out_withdrawn=state.out_withdrawn + amount)
        self._becomes(Effect(order, state))
        mint = state.input_mint if from_input else state.output_mint
        if mint == ids.WSOL_MINT:
            through = account["intermediate_account"]
            self.authorities.append(through)
            return steps.unwrap_part(account["vault"], through, order, user, amount)
        receiver = players[programs.Role.USER_INPUT if from_input else programs.Role.USER_OUTPUT]
        return [steps.create_ata(user, user, mint), steps.move(account["vault"], receiver, order, amount)]

    def close_va(self, layout: programs.Instruction, args: dict[str, Any]) -> list[Instruction]:
        """The account list is not public: any order of the accounts that can matter is taken."""
        order = next((key for key in self._keys if self._is_order(key)), None)
        user = self._keys[0] if self._keys else None
        if order is None or user is None:
            raise Refused(
                orderstate.NOT_INITIALIZED, "The program expected this account to be already initialized"
            )
        state = self._state(order, user)
        assert isinstance(state, accounts.ValueAverage)
        self._signed(user)
        known = self._cast(user, order, state.input_mint, state.output_mint)
        if not set(self._keys) <= {*known.values()} or not {state.input_vault, state.output_vault} <= {
            *self._keys
        }:
            raise Refused(orderstate.ADDRESS_MISMATCH, "Address Mismatch")
        if state.in_left or state.out_received > state.out_withdrawn:
            raise Refused(orderstate.INSUFFICIENT_BALANCE, "Order still holds funds")
        self._becomes(Effect(order, state, closed=True))
        return [steps.close(vault, user, order) for vault in (state.input_vault, state.output_vault)]

    # --- what the programs check -------------------------------------------------------------------------

    def _slots(self, layout: programs.Instruction) -> dict[str, Pubkey]:
        """Accounts by slot name. Raises Refused when some are missing or did not sign."""
        slots = layout.slots or ()
        if len(self._keys) < len(slots):
            raise Refused(orderstate.TOO_FEW_ACCOUNTS, "Not enough account keys given to the instruction")
        for slot, key in zip(slots, self._keys, strict=False):
            if slot.signer:
                self._signed(key)
        return {slot.name: key for slot, key in zip(slots, self._keys, strict=False)}

    def _signed(self, key: Pubkey) -> None:
        if not any(meta.pubkey == key and meta.is_signer for meta in self._instruction.accounts):
            raise Refused(orderstate.NOT_A_SIGNER, "The given account did not sign")

    def _cast(
        self, user: Pubkey, order: Pubkey, input_mint: Pubkey, output_mint: Pubkey, side: str = "In"
    ) -> Any:
        return programs.cast(
            program=self._program,
            user=user,
            order=order,
            input_mint=input_mint,
            output_mint=output_mint,
            side=side,
        )

    def _expect(
        self, layout: programs.Instruction, account: dict[str, Pubkey], players: dict[str, Pubkey]
    ) -> None:
        """Every account is the one that belongs in its slot."""
        for slot in layout.slots or ():
            empty = slot.optional and account[slot.name] == self._program
            if slot.role is not None and account[slot.name] != players[slot.role] and not empty:
                raise Refused(orderstate.ADDRESS_MISMATCH, f"Address Mismatch: {slot.name}")

    def _is_order(self, key: Pubkey) -> bool:
        account = self._read(key)
        return account is not None and account.owner == self._program

    def _state(self, order: Pubkey, user: Pubkey) -> State:
        """The order as it is by now in this transaction. Raises Refused unless it is this user's."""
        earlier = self._effects.get(order)
        if earlier is not None and not earlier.closed:
            state = earlier.state
        else:
            account = None if earlier else self._read(order)
            if account is None:
                raise Refused(
                    orderstate.NOT_INITIALIZED, "The program expected this account to be already initialized"
                )
            if account.owner != self._program:
                raise Refused(
                    orderstate.WRONG_OWNER_PROGRAM, "The given account is owned by a different program"
                )
            state = orderstate.parse(account)
        if state.user != user:
            raise Refused(orderstate.WRONG_USER, "Wrong user")
        return state

    def _becomes(self, effect: Effect) -> None:
        earlier = self._effects.get(effect.order)
        self._effects[effect.order] = replace(
            effect, opened=effect.opened or (earlier is not None and earlier.opened)
        )
        if effect.order not in self.authorities:
            self.authorities.append(effect.order)

    def _pay_back(self, vault: Pubkey, order: Pubkey, user: Pubkey, mint: Pubkey) -> list[Instruction]:
        """Everything in a vault to the user's own token account, which is made if need be."""
        amount = orderstate.balance(self._read(vault))
        if not amount:
            return []
        return [
            steps.create_ata(user, user, mint),
            steps.move(vault, programs.ata(user, mint), order, amount),
        ]


_EFFECTS: dict[
    tuple[Pubkey, str], tuple[str, Callable[[Call, programs.Instruction, dict[str, Any]], list[Instruction]]]
] = {
    (ids.DCA, "open_dca_v2"): ("time_create", Call.open_dca),
    (ids.DCA, "close_dca"): ("time_cancel", Call.close_dca),
    (ids.VA, "deposit"): ("price_deposit", Call.deposit),
    (ids.VA, "withdraw"): ("price_withdraw", Call.withdraw),
    (ids.VA, "close"): ("price_cancel", Call.close_va),
}
