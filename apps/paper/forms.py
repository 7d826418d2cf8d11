"""What is asked before labels are drawn."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.paper.drawing.labels import STOCKS, Stock

COPIES_AT_MOST = 48


class LabelForm(forms.Form):
    """Which labels, on what, and how many of each. All may be left out."""

    stock = forms.ChoiceField(
        label=_("On"),
        choices=[(name, stock.name) for name, stock in STOCKS.items()],
        required=False,
    )
    copies = forms.IntegerField(
        label=_("Of each"), min_value=1, max_value=COPIES_AT_MOST, required=False, initial=1
    )
    skip = forms.IntegerField(
        label=_("Used places on the first sheet"),
        min_value=0,
        max_value=23,
        required=False,
        initial=0,
    )

    def chosen(self) -> Stock:
        """Return what they are printed on."""
        return STOCKS[self.cleaned_data["stock"] or next(iter(STOCKS))]

    def count(self) -> int:
        """Return how many of each."""
        return self.cleaned_data["copies"] or 1

    def used(self) -> int:
        """Return how many places of the first sheet are used up."""
        return self.cleaned_data["skip"] or 0


class JobLabelForm(LabelForm):
    """Labels of a job: its own, or one for each step."""

    JOB, STEPS = "job", "steps"
    field_order = ("of", "stock", "copies", "skip")

    of = forms.ChoiceField(
        label=_("For"),
        choices=[(JOB, _("the job")), (STEPS, _("each step"))],
        required=False,
    )
