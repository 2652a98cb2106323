"""Whatever the server's own description lets a client send, it answers: never with a fault of its own, and always as
the description says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from patience import PATIENCE
from playout.present.web.options import Options
from served import Serving, picture, served

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    options = Options(scenarios=("coin-and-die",), most_futures=5_000, most_seconds=PATIENCE, allow_upload=True)
    with served(options) as serving:
        yield serving


@pytest.fixture(scope="module")
def run(server: Serving) -> str:
    """A run that is there to be asked for."""
    with server.client() as client:
        name: str = picture(client, {"scenario": "coin-and-die"}, 500)["run"]
        return name


def ask(server: Serving, run: str, examples: int) -> list[str]:
    """Send so many made-up requests to each address; the addresses that were asked."""
    schema = schemathesis.openapi.from_url(f"{server.address}/api/openapi.json")
    schema.config.update(base_url=server.address)
    asked = []
    for found in schema.get_all_operations():
        operation = found.ok()
        asked.append(operation.label)

        @seed(1)
        @settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
            database=None,
        )
        @given(case=operation.as_strategy())
        def send(case: schemathesis.Case) -> None:
            """One request; what it names is there more often than chance would have it."""
            if "run" in case.path_parameters and case.method.upper() != "DELETE" and not case.path.endswith(".pdf"):
                case.path_parameters["run"] = run
            if isinstance(case.body, dict):
                for setting in (case.body.get("setting"), *(case.body.get("settings") or ())):
                    if isinstance(setting, dict):
                        setting["scenario"] = "coin-and-die"
            case.call_and_validate(checks=CHECKS, timeout=PATIENCE)

        send()
    return asked


def test_no_request_makes_the_server_fail(server: Serving, run: str) -> None:
    assert len(ask(server, run, examples=8)) >= 15


@pytest.mark.long
def test_no_request_makes_the_server_fail_at_length(server: Serving, run: str) -> None:
    ask(server, run, examples=400)


def test_the_description_names_every_address_that_is_promised(server: Serving) -> None:
    told = httpx.get(f"{server.address}/api/openapi.json").json()
    promised = {"scenarios", "runs", "compare", "explain", "stories", "update", "questions"}
    assert promised <= {path.split("/")[2] for path in told["paths"]}
    assert all(len(own.get("summary", "")) > 3 for path in told["paths"].values() for own in path.values())


def test_the_description_tells_every_refusal_and_how_clients_are_let_in(server: Serving) -> None:
    with server.client() as client:
        told = client.get("/api/openapi.json").json()
    assert set(told["components"]["securitySchemes"]) == {"token", "pass"}
    assert told["security"] == []
    refusals = {"400", "401", "403", "404", "405", "408", "409", "413", "415", "422", "429", "500", "503"}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            assert refusals <= set(operation["responses"]), f"{method} {path}"
            schemas = [operation["responses"][status]["content"]["application/json"]["schema"] for status in refusals]
            assert all(schema == {"$ref": "#/components/schemas/Refusal"} for schema in schemas), f"{method} {path}"
    with served(Options(scenarios=("coin-and-die",), token="correct-horse")) as other, other.client() as client:
        told = client.get("/api/openapi.json", headers={"authorization": "Bearer correct-horse"}).json()
    assert told["security"] == [{"token": []}, {"pass": []}]
