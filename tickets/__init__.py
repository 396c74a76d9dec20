"""The record: customers, contacts, tickets and their timelines.

A ticket has four states (open, acknowledged, waiting, resolved); everything that happens to it is an event on its
timeline, and reopening is an event, not a state. A ticket knows nothing of hours, rotas or telephones: they speak
of tickets.
"""
