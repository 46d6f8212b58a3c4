"""Checks the JSON Schema of recipes with an implementation that is not ours.

    ktrain recipe schema > schema.json
    python check_recipe_schema.py schema.json

Needs the package jsonschema (4.x). The example and every case of recipe_cases.json must be accepted
or rejected as the case says; the Swift tests hold reading itself against the same cases.
"""

import copy
import json
import re
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

here = Path(__file__).parent
schema = json.loads(Path(sys.argv[1]).read_text())
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
example = json.loads((here / "recipe_example.json").read_text())
cases = json.loads((here / "recipe_cases.json").read_text())["cases"]


def with_value(recipe, key, value):
    recipe = copy.deepcopy(recipe)
    *path, last = [int(k) if k.isdigit() else k for k in re.findall(r"[^.\[\]]+", key)]
    target = recipe
    for step in path:
        target = target[step]
    target[last] = value
    return recipe


wrong = [] if validator.is_valid(example) else ["the example is rejected"]
for case in cases:
    recipe = with_value(example, case["key"], case["value"])
    if validator.is_valid(recipe) != case["schema"]:
        wrong.append(f"{case['key']} = {json.dumps(case['value'])}: expected {case['schema']}")
print("\n".join(wrong) or f"{len(cases) + 1} recipes: as expected")
sys.exit(bool(wrong))
