"""Validates the RO-Crate in a folder with roc-validator, without a network.

usage: validate-ro-crate.py CONTEXTS.json FOLDER     prints a JSON list of [severity, check, message, entity]

CONTEXTS.json has, by address, the terms of the published JSON-LD contexts that the crate uses.
"""
import json
import pathlib
import sys
import types

from rocrate_validator import models, services
from rocrate_validator.utils import document_loader
from rocrate_validator.utils.http import HttpRequester

contexts = json.loads(pathlib.Path(sys.argv[1]).read_text())


def answer(_self, url, *_args, **_options):
    body = json.dumps(contexts[url])
    return types.SimpleNamespace(
        status_code=200, ok=True, text=body, content=body.encode(), headers={"Content-Type": "application/ld+json"},
        json=lambda: contexts[url], raise_for_status=lambda: None, url=url,
    )


document_loader._fetch_json_ld = lambda url: contexts[url]
for method in ("get", "head", "request"):
    setattr(HttpRequester, method, answer)

result = services.validate(
    services.ValidationSettings(
        rocrate_uri=sys.argv[2],
        profile_identifier="workflow-run-crate-0.5",
        requirement_severity=models.Severity.RECOMMENDED,
    )
)
print(json.dumps([
    [issue.severity.name, issue.check.identifier, issue.message, str(getattr(issue, "violatingEntity", None))]
    for issue in result.get_issues()
]))
