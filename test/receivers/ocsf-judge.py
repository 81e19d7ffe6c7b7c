"""Reads OCSF documents, one a line, and writes a JSON list of what the published schema has against each.

The schema is the release's export within the package ocsf-json-schema: none of it is Weir's.
"""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

version = sys.argv[1]
schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version))
validators = {}

for line in sys.stdin:
    document = json.loads(line)
    profiles = tuple(document.get("metadata", {}).get("profiles", []))
    if profiles not in validators:
        asked = schema.get_class_schema("detection_finding", list(profiles))
        validators[profiles] = Draft202012Validator(asked)
    found = validators[profiles].iter_errors(document)
    print(json.dumps([f"{each.json_path}: {each.message[:200]}" for each in found]))
