"""First prices: what a call cost when the carrier first priced it, so that another price is seen."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('carrier_call', sa.Column('first_cost', sa.BigInteger(), nullable=True))
    op.execute('UPDATE carrier_call SET first_cost = cost')


def downgrade() -> None:
    with op.batch_alter_table('carrier_call', schema=None) as batch_op:
        batch_op.drop_column('first_cost')
