"""Evidence: every failure as something that anybody can run, read and draw again."""

from etalon_conformance.evidence.counterexamples import write_counterexample
from etalon_conformance.evidence.folders import write_folders
from etalon_conformance.evidence.planning import Setting, setting_of
from etalon_conformance.evidence.redacting import redacted_line

__all__ = ["Setting", "redacted_line", "setting_of", "write_counterexample", "write_folders"]
