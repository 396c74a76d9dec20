"""Accounting: what lines are called where their invoices are made."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accounting',
    sa.Column('system', sa.String(), nullable=False),
    sa.Column('account_code', sa.String(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('tax_name', sa.String(), nullable=False),
    sa.Column('prefix', sa.String(), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('due_days', sa.Integer(), nullable=False),
    sa.Column('contacts', sa.JSON(), nullable=False),
    sa.Column('changed_by', sa.String(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('system', name=op.f('pk_accounting'))
    )


def downgrade() -> None:
    op.drop_table('accounting')
