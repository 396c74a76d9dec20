"""Calls by who rang: whoever looks for a telephone number finds its calls however many there are."""

from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_call_caller', 'call', ['caller', 'started_at'])


def downgrade() -> None:
    op.drop_index('ix_call_caller', table_name='call')
