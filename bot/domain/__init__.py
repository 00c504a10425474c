"""Pure data and rules of recurring orders. Standard library only; no I/O, no clock."""
