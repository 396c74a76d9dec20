"""Erasures: the step that one is at by its name, which stays when steps are added, and when it last went on."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One that goes on begins again: each piece can be done twice, and what a number meant is not known any more."""
    op.drop_column('erasure', 'step')
    op.add_column('erasure', sa.Column('step', sa.String(), nullable=False, server_default=''))
    op.add_column('erasure', sa.Column('moved_at', UtcDateTime(timezone=True), nullable=True))
    op.execute("UPDATE erasure SET \"after\" = '[]', counts = '{}' WHERE erased_at IS NULL")


def downgrade() -> None:
    op.drop_column('erasure', 'moved_at')
    op.drop_column('erasure', 'step')
    op.add_column('erasure', sa.Column('step', sa.Integer(), nullable=False, server_default='0'))
    op.execute("UPDATE erasure SET \"after\" = '[]', counts = '{}' WHERE erased_at IS NULL")
