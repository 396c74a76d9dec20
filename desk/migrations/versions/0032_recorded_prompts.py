"""Recorded prompts: languages that no voice speaks, their recordings by version, and the sounds themselves."""

import sqlalchemy as sa
from alembic import op

from desk.db import UtcDateTime

revision = '0032'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'recorded_language',
        sa.Column('code', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('added_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('code', name=op.f('pk_recorded_language')),
    )
    op.create_table(
        'prompt_sound',
        sa.Column('digest', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('seconds', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('digest', name=op.f('pk_prompt_sound')),
    )
    op.create_table(
        'recorded_prompt',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('language', sa.String(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=True),
        sa.Column('words', sa.String(), nullable=False),
        sa.Column('digest', sa.String(), nullable=True),
        sa.Column('seconds', sa.Integer(), nullable=True),
        sa.Column('alike', sa.JSON(), nullable=False),
        sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('who', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ['language'], ['recorded_language.code'], name=op.f('fk_recorded_prompt_language_recorded_language')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_recorded_prompt')),
        sa.UniqueConstraint('language', 'key', 'version', name=op.f('uq_recorded_prompt_language_key_version')),
    )


def downgrade() -> None:
    op.drop_table('recorded_prompt')
    op.drop_table('prompt_sound')
    op.drop_table('recorded_language')
