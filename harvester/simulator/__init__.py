"""A simulated Figshare, made from the documentation alone; it imports nothing of the harvester.

`Truth` is what there is to know, `serving` answers requests out of it on loopback, and the
`history` of a simulator says what it was asked.
"""

from harvester.simulator.config import Restatement, SimulatorConfig
from harvester.simulator.faults import Fault
from harvester.simulator.history import Entry, History, read_history
from harvester.simulator.item_records import Listed, listed
from harvester.simulator.quirks import ListingQuirks, Quirks
from harvester.simulator.server import Simulator, serving
from harvester.simulator.truth import Truth

__all__ = [
    "Entry",
    "Fault",
    "History",
    "Listed",
    "ListingQuirks",
    "Quirks",
    "Restatement",
    "Simulator",
    "SimulatorConfig",
    "Truth",
    "listed",
    "read_history",
    "serving",
]
