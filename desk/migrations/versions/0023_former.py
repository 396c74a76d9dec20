"""Former names, numbers and addresses of contacts: what came under them is still theirs."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'former',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('value', sa.String(), nullable=False),
        sa.Column('until', UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_former_contact_id_contact')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_former')),
    )
    op.create_index(op.f('ix_former_contact_id'), 'former', ['contact_id'], unique=False)
    op.create_index(op.f('ix_former_value'), 'former', ['value'], unique=False)


def downgrade() -> None:
    op.drop_table('former')
