"""The trail for programs."""

import pytest

from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def managing(program):
    return program("manager")


def test_a_change_tells_who_made_it_through_the_api(managing):
    customer = make_customer(city="Linz")
    path = f"customers/{customer.pk}/"
    managing.patch(path, {"city": "Graz"}, If_Match="*", X_Request_ID="request-0400")

    query = f"audit-logs/?table=customers&row_id={customer.pk}&action=update"
    (change,) = managing.get(query).json()["results"]

    assert change["actor"] == {"id": managing.user.pk, "name": managing.user.full_name}
    assert (change["source"], change["request_id"]) == ("api", "request-0400")
    assert change["changes"] == {"city": ["Linz", "Graz"]}
    assert managing.get(f"audit-logs/{change['id']}/").json() == change


def test_each_question_is_answered(managing):
    customer = make_customer()
    managing.patch(f"customers/{customer.pk}/", {"city": "Graz"}, If_Match="*")

    def found(query):
        answer = managing.get(f"audit-logs/?limit=200&{query}")
        assert answer.status_code == 200, answer.content
        return [change["row_id"] for change in answer.json()["results"]]

    assert found(f"actor={managing.user.pk}") == [customer.pk]
    assert found("source=api") == [customer.pk]
    assert customer.pk in found("table=customers")
    assert found("at__lt=2020-01-01") == []
    assert found("at__gte=2999-01-01") == []
    assert found(f"actor={managing.user.pk}&action=delete") == []


@pytest.mark.parametrize(
    "query", ["row_id=1", "count=exact", "at=2020-01-01", "table=a&table=b", "colour=red"]
)
def test_what_cannot_be_asked_is_named(managing, query):
    answer = managing.get(f"audit-logs/?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


def test_pages_and_permission(managing, planning):
    made = [make_customer().pk for _ in range(3)]
    first = managing.get("audit-logs/?table=customers&limit=2").json()
    second = managing.get(first["next"]).json()

    assert len(first["results"]) == 2
    # Behind them is what tests have left that committed: nobody can delete it.
    told = [row["row_id"] for row in [*first["results"], *second["results"]]]
    assert told[:3] == made[::-1]
    assert planning.get("audit-logs/").status_code == 403
    assert managing.post("audit-logs/", {}).status_code == 405


def test_the_list_is_flat(managing, assert_flat):
    def grow(rows):
        for _ in range(rows):
            make_customer()

    assert assert_flat(grow=grow, work=lambda: managing.get("audit-logs/?table=customers")) == 2
