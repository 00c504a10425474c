"""Change one thing in an accepted transaction: all is refused, but for a short list of neutral changes.

    python -m tests.mutations     the long run: over 100,000 changes, single and in pairs; prints the count

The neutral changes, each asserted to be accepted:

- another blockhash (not the empty one);
- a compute limit or price whose fee stays within what was confirmed, or a limit on loaded data after them;
- the documentation's superfluous fourth account of CloseAccount, present or absent;
- an idempotent creation of the token account that receives or pays (of the person, or of whom they send to);
- the account that a withdrawal pays SOL into, named or left out (then it is handed out natively);
- closing the person's wrapped-SOL account to the person where SOL was deposited, withdrawn or returned;
- a minimum or maximum output that is rounded one unit differently;
- the same message as version 0, without tables.
"""
