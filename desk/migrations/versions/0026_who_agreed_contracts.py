"""Who agreed a version of a contract and when, and the versions that were withdrawn before they began."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('contract', sa.Column('made_by', sa.String(), nullable=True))
    op.add_column('contract', sa.Column('made_at', UtcDateTime(timezone=True), nullable=True))
    op.create_table('withdrawn_contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('made_by', sa.String(), nullable=True),
    sa.Column('withdrawn_by', sa.String(), nullable=False),
    sa.Column('withdrawn_at', UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_withdrawn_contract_customer_id_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_withdrawn_contract')),
    sa.UniqueConstraint('customer_id', 'version', name=op.f('uq_withdrawn_contract_customer_id_version'))
    )


def downgrade() -> None:
    op.drop_table('withdrawn_contract')
    op.drop_column('contract', 'made_at')
    op.drop_column('contract', 'made_by')
