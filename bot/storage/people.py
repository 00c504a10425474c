"""People, and how they want to be told."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from bot import errors, ports
from bot.storage import database
from bot.storage.schema import people

_FIND_MANY = sa.select(people).where(people.c.user_id.in_(sa.bindparam("users", expanding=True)))
_FIND = sa.select(people).where(people.c.user_id == sa.bindparam("user_id"))
_FIND_SETTLED = _FIND.with_for_update(read=True)
"""SQLite, which knows no such words, has one writer at a time anyway."""


class SqlPeopleStore:
    """ports.PeopleStore. A person's time zone is the setting `timezone`."""

    def __init__(self, db: database.Database) -> None:
        self._db = db

    async def record_seen(self, user_id: int, chat_id: int) -> ports.Person:
        known = await self.find(user_id)
        if known is not None and known.chat_id == chat_id and not known.blocked:
            # Every message comes through here: most of them cost no write.
            return known
        async with self._db.writing() as tx:
            fresh = {"user_id": user_id, "chat_id": chat_id, "blocked": False, "settings": {}}
            if not await tx.add(people, fresh, unless=["user_id"]):
                await tx.run(
                    sa.update(people)
                    .where(people.c.user_id == user_id)
                    .values(chat_id=chat_id, blocked=False)
                )
            found = await tx.fetch(sa.select(people).where(people.c.user_id == user_id), _person)
        return found[0]

    async def find(self, user_id: int) -> ports.Person | None:
        async with self._db.reading() as tx:
            return await tx.find(_FIND, _person, user_id=user_id)

    async def find_many(self, users: Collection[int]) -> dict[int, ports.Person]:
        async with self._db.reading() as tx:
            found = await tx.fetch(_FIND_MANY, _person, users=list(users))
        return {person.user_id: person for person in found}

    async def find_settled(self, user_id: int) -> ports.Person | None:
        async with self._db.writing() as tx:
            return await tx.find(_FIND_SETTLED, _person, user_id=user_id)

    async def record_blocked(self, user_id: int) -> None:
        async with self._db.writing() as tx:
            await tx.run(sa.update(people).where(people.c.user_id == user_id).values(blocked=True))

    async def record_settings(self, user_id: int, settings: Mapping[str, Any]) -> None:
        """Replaces all of them. Raises StorageError for somebody who was never seen."""
        async with self._db.writing() as tx:
            change = sa.update(people).where(people.c.user_id == user_id).values(settings=dict(settings))
            if not await tx.run(change):
                raise errors.StorageError("There is nobody to keep these settings for.")


def _person(row: sa.Row[Any]) -> ports.Person:
    return ports.Person(
        user_id=row.user_id,
        chat_id=row.chat_id,
        timezone=row.settings.get("timezone", "UTC"),
        blocked=row.blocked,
        settings=row.settings,
    )
