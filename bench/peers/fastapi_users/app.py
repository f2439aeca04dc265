"""An application on FastAPI-Users and PostgreSQL: an authenticated read of one row of the user.

It is the library's full example for SQLAlchemy (https://fastapi-users.github.io/fastapi-users/latest/
configuration/full-example/) with tokens by its JWT strategy, on asyncpg, and one table more.
"""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, ForeignKey, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = "a secret of a database that exists for a minute"  # noqa: S105 - of no user

_pool = {"pool_size": int(os.environ["CONNECTIONS"])} if os.environ["CONNECTIONS"] else {}
engine = create_async_engine(os.environ["DATABASE_URL"], **_pool)
async_session_maker = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """The tables."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """A user, with the library's columns."""


class WorkspaceSession(Base):
    """What is read."""

    __tablename__ = "workspace_session"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    revision: Mapped[int] = mapped_column(default=1)
    create_time: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    update_time: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class SessionCreate(BaseModel):
    """The body that creates one."""

    name: str
    state: dict[str, Any]


class SessionRead(SessionCreate):
    """The answer with one."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    user_id: uuid.UUID
    revision: int
    create_time: datetime
    update_time: datetime


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    """The library's manager."""

    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def get_async_session() -> AsyncIterator[AsyncSession]:
    """Gives a request its session of the database."""
    async with async_session_maker() as session:
        yield session


Database = Annotated[AsyncSession, Depends(get_async_session)]


async def get_user_db(session: Database) -> AsyncIterator[SQLAlchemyUserDatabase[User, uuid.UUID]]:
    """Gives a request the table of users."""
    yield SQLAlchemyUserDatabase(session, User)


async def get_user_manager(
    user_db: Annotated[SQLAlchemyUserDatabase[User, uuid.UUID], Depends(get_user_db)],
) -> AsyncIterator[UserManager]:
    """Gives a request the manager of users."""
    yield UserManager(user_db)


def get_jwt_strategy() -> JWTStrategy[User, uuid.UUID]:
    """Says how tokens are made and read."""
    return JWTStrategy(secret=SECRET, lifetime_seconds=3600)


auth_backend = AuthenticationBackend(
    name="jwt",
    transport=BearerTransport(tokenUrl="auth/jwt/login"),
    get_strategy=get_jwt_strategy,
)
fastapi_users = FastAPIUsers[User, uuid.UUID](get_user_manager, [auth_backend])
ActiveUser = Annotated[User, Depends(fastapi_users.current_user(active=True))]

app = FastAPI()
app.include_router(fastapi_users.get_auth_router(auth_backend), prefix="/auth/jwt")
app.include_router(
    fastapi_users.get_register_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserCreate),
    prefix="/auth",
)


@app.get("/me")
async def authenticated_route(user: ActiveUser) -> dict[str, str]:
    """Greets the user: the authenticated route of the example."""
    return {"message": f"Hello {user.email}!"}


@app.post("/sessions", status_code=201)
async def create_session(body: SessionCreate, user: ActiveUser, database: Database) -> SessionRead:
    """Creates a row of the user."""
    made = WorkspaceSession(user_id=user.id, name=body.name, state=body.state)
    database.add(made)
    await database.commit()
    await database.refresh(made)
    return SessionRead.model_validate(made)


@app.get("/sessions/{session_id}")
async def get_session(session_id: uuid.UUID, user: ActiveUser, database: Database) -> SessionRead:
    """Reads a row of the user."""
    wanted = select(WorkspaceSession).where(
        WorkspaceSession.id == session_id, WorkspaceSession.user_id == user.id
    )
    found = (await database.execute(wanted)).scalar_one_or_none()
    if found is None:
        raise HTTPException(status_code=404)
    return SessionRead.model_validate(found)


async def create_tables() -> None:
    """Creates the tables, once, before the processes start."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(create_tables())
