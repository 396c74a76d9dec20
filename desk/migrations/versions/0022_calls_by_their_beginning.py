"""Calls by when they began: what Today tells of the last days looks at no older ones."""

from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_call_started_at', 'call', ['started_at'])


def downgrade() -> None:
    op.drop_index('ix_call_started_at', table_name='call')
