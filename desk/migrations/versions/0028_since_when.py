"""Since when contacts have their numbers and addresses: what is passed on is told apart by time."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None
# Of the time before nobody knows: none.
NEW = (('contact', 'phone_since'), ('contact', 'email_since'), ('former', 'since'))


def upgrade() -> None:
    for table, column in NEW:
        op.add_column(table, sa.Column(column, UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table, column in reversed(NEW):
        op.drop_column(table, column)
