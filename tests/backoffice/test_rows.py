"""A list's rows say, cell by cell, what Django's own would."""

import pytest
from django.contrib.admin.templatetags.admin_list import results

from apps.accounts.models import SignInAttempts
from apps.customers.models import Customer
from tests.backoffice.test_admin import GROW, LISTED, url

pytestmark = pytest.mark.django_db

PAGES = [each for each in LISTED if each.opts.object_name != "AuditLog"]  # That one is no table.


@pytest.mark.parametrize("listed", PAGES, ids=lambda each: each.opts.object_name)
def test_rows_are_those_of_the_stock_list(listed, client, administrator):
    client.force_login(administrator)
    GROW[listed.opts.object_name](3)

    answer = client.get(url(listed.model, "changelist"))

    stock = [f"<tr>{''.join(row)}</tr>" for row in results(answer.context["cl"])]
    assert stock
    for row in stock:
        assert row in answer.content.decode()


def test_a_rows_link_keeps_the_filters_one_came_with(client, administrator):
    client.force_login(administrator)
    customer = Customer.objects.create(name="Acme")

    answer = client.get(url(Customer, "changelist"), {"is_active__exact": "1"})

    (stock,) = (f"<tr>{''.join(row)}</tr>" for row in results(answer.context["cl"]))
    assert "_changelist_filters=is_active__exact%3D1" in stock
    assert stock in answer.content.decode()
    assert str(customer.pk) in stock


def test_what_people_typed_is_no_markup(client, administrator):
    client.force_login(administrator)
    Customer.objects.create(name="<script>alert(1)</script>", city='"><b>x</b>')

    page = client.get(url(Customer, "changelist")).content.decode()

    assert "<script>alert" not in page
    assert "<b>x" not in page


def test_an_empty_list_says_what_it_is_for_and_offers_the_next_step(client, administrator):
    client.force_login(administrator)

    customers = client.get(url(Customer, "changelist")).content.decode()
    locked_out = client.get(url(SignInAttempts, "changelist")).content.decode()
    nothing_found = client.get(url(Customer, "changelist"), {"q": "Acme"}).content.decode()

    assert "There are no customers yet." in customers
    assert f'href="{url(Customer, "add")}"' in customers.partition("There are no")[2]
    assert 'name="action"' not in customers
    assert "Nobody is locked out." in locked_out
    assert "Add the first" not in locked_out
    assert "No customers are as you search and filter." in nothing_found
    assert '<a href="?">Show all</a>' in nothing_found
