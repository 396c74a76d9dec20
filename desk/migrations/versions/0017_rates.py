"""Rate cards of contracts, and what a charge needs to know of work."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

OF_WORK = ('evidence', 'call', 'done', 'doubt')


def upgrade() -> None:
    op.add_column('contract', sa.Column('card', sa.JSON(), nullable=False, server_default='{}'))
    for name in OF_WORK:
        op.add_column('work', sa.Column(name, sa.String(), nullable=False, server_default=''))
    # What had no verdict when this was stored still has none; its explanation says why.
    op.execute("UPDATE work SET doubt = explanation WHERE state = 'to_check' AND explanation LIKE '%so billing staff "
               "decide.' AND explanation NOT LIKE 'To check:%'")


def downgrade() -> None:
    for name in reversed(OF_WORK):
        op.drop_column('work', name)
    op.drop_column('contract', 'card')
