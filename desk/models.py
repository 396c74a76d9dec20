"""Every module that stores something, imported so that the metadata is whole (migrations, rehearsals)."""

import desk.chores
import desk.outbox
import desk.staff
import ivr.call
import ivr.line
import ivr.prompts
import ivr.recordings
import oncall.paging
import oncall.roster
import oncall.verification
import sla.contract
import sla.holidays
import sla.hours
import sla.worklog
import tickets.people
import tickets.ticket
