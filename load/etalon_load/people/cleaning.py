"""Test people of a load taken away again, and what is left of them counted."""

from etalon_load.people.people_errors import PeopleError
from etalon_load.people.people_file import PeopleFile
from etalon_target.people import Leftovers
from etalon_target.targets import Target


def clean(target: Target, file: PeopleFile) -> Leftovers:
    """Take the people of a file away from the target they were made on.

    Who was made beside them goes too: representatives, and professionals where the profile makes
    them. Documents go with their record.

    Args:
        target: The target, reached.
        file: Who was made, and where.

    Raises:
        PeopleError: The file does not say that they were made, or they were made elsewhere.
    """
    origin = file.origin
    if origin is None:
        raise PeopleError(key="not_made_here")
    if origin.address != target.fhir_base:
        raise PeopleError(key="made_elsewhere", made_on=origin.address, target=target.fhir_base)
    if "create_professional" in target.operations.names():
        for rpps in dict.fromkeys(one.rpps for one in file.people if one.rpps):
            target.people.remember("professional", rpps, origin.tag)
    everybody = [ins for one in file.people for ins in (one.representative, one.ins) if ins]
    for ins in dict.fromkeys(everybody):
        target.people.remember("person", ins, origin.tag)
    return target.people.clean()
