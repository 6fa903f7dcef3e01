"""Binary resources: the bytes of a document and their media type.

Sources: FHIR R4, Binary; IHE MHD, ITI-65 and ITI-68.
"""

import base64

from etalon_wire.base64_text import bytes_of
from etalon_wire.json_body import Resource
from etalon_wire.malformed import REQUIRED, VALUE, Malformed
from etalon_wire.validation.reading import text


def content_of(binary: Resource, at: str = "Binary") -> tuple[str, bytes]:
    """Return the media type and the bytes that a Binary holds.

    Args:
        binary: The resource.
        at: Where it stands, as FHIRPath.

    Raises:
        Malformed: `required` without data, `value` when the data is no base64.
    """
    encoded = text(binary, "data")
    if not encoded:
        raise Malformed(REQUIRED, f"{at}.data", "the Binary holds no data: send the document in it")
    content = bytes_of(encoded)
    if content is None:
        raise Malformed(VALUE, f"{at}.data", "not base64: send the document in base64")
    return text(binary, "contentType"), content


def binary_resource(resource_id: str, media_type: str, content: bytes) -> Resource:
    """Return the Binary of a document."""
    return {
        "resourceType": "Binary",
        "id": resource_id,
        "contentType": media_type,
        "data": base64.b64encode(content).decode(),
    }
