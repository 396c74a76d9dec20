"""Since when contacts have their numbers and addresses; of what is shared it is kept that somebody erased had it too."""

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
    with op.batch_alter_table('former') as batch_op:  # which no other table refers to
        batch_op.alter_column('contact_id', existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    op.execute('DELETE FROM former WHERE contact_id IS NULL')
    with op.batch_alter_table('former') as batch_op:
        batch_op.alter_column('contact_id', existing_type=sa.Integer(), nullable=False)
    for table, column in reversed(NEW):
        op.drop_column(table, column)
