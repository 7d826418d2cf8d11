"""Shared terminals: who is here, locking, and making a device one."""

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import services, terminals
from apps.accounts.actors import actor
from apps.accounts.errors import LinkOver, SignInLocked, WrongPin
from apps.accounts.forms import TerminalForm, TerminalSignInForm
from apps.accounts.homes import home_of
from apps.accounts.models import Terminal, User
from apps.accounts.pages.secrets import needs_password
from apps.accounts.pages.sign_ins import WITH_PASSWORD
from apps.core.errors import DomainError
from apps.core.records import permission


@never_cache
@sensitive_post_parameters("pin", "badge")
@require_http_methods(["GET", "HEAD", "POST"])
def who_is_here(request: HttpRequest) -> HttpResponse:
    """Sign someone in with a badge or a PIN, whoever was signed in before."""
    terminal = terminals.terminal_of(request)
    if terminal is None:
        status = 403 if request.method == "POST" else 200
        return render(request, "accounts/terminal_none.html", status=status)
    form = TerminalSignInForm(
        request.POST or None,
        terminal=terminal,
        people=_people(terminals.people_at(request)),
        initial={"badge": terminals.take_badge(request)},
    )
    if form.is_valid():
        return _sign_in(request, terminal, form) or _show(request, form)
    return _show(request, form)


def _sign_in(
    request: HttpRequest, terminal: Terminal, form: TerminalSignInForm
) -> HttpResponse | None:
    """Sign in, and lead to where the user works; None when it was refused, and the form says so."""
    said = form.cleaned_data
    try:
        user = services.sign_in_at_terminal(
            terminal, said["pin"], user_id=said["user"], badge=said["badge"]
        )
    except (WrongPin, SignInLocked) as refusal:
        form.refuse(refusal)
        return None
    terminals.sign_in(request, user, terminal)
    response = redirect(_wanted(request) or home_of(user))
    terminals.note_person(request, response, user)
    return response


def _show(request: HttpRequest, form: TerminalSignInForm) -> HttpResponse:
    wanted = _wanted(request)
    query = urlencode({**WITH_PASSWORD, **({"next": wanted} if wanted else {})})
    context = {"form": form, "next": wanted, "password_url": f"{reverse('login')}?{query}"}
    response = render(request, "accounts/terminal.html", context)
    if form.locked:
        response.status_code = form.locked.status
        response["Retry-After"] = str(form.locked.details["retry_after"])
    terminals.renew_device(request, response)
    return response


def _people(keys: list[int]) -> list[User]:
    """Return the active users of the keys, in their order. Queries: 1 at most."""
    found = User.objects.active().in_bulk(keys) if keys else {}
    return [found[key] for key in keys if key in found]


def _wanted(request: HttpRequest) -> str:
    """Return the page of ours that one wanted to see before."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else ""


@never_cache
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """End the session on this device, so that the next person can begin one."""
    logout(request)
    return redirect("terminal" if terminals.terminal_of(request) else "login")


@never_cache
@needs_password
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_here(request: HttpRequest) -> HttpResponse:
    """Make the device at hand a terminal, by who may; they are signed out of it with that."""
    who = actor(request)
    if not who.has_perm(permission("add", Terminal)):
        raise PermissionDenied
    present = terminals.terminal_of(request)
    initial = {"name": present.name if present else ""}
    form = TerminalForm(request.POST or None, initial=initial)
    made = _try_set_up(form, who) if form.is_valid() else None
    if made is None:
        return render(request, "accounts/terminal_set_up.html", {"form": form})
    logout(request)
    return _made(made)


def _try_set_up(form: TerminalForm, who: User) -> services.SetUp | None:
    try:
        return services.set_up_terminal(form.cleaned_data["name"], actor=who)
    except DomainError as refusal:
        form.add_error("name", refusal.message)
        return None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest, token: str) -> HttpResponse:
    """Make the device on which a link is opened a terminal: asked once more, then done."""
    try:
        terminal = services.named_by_link(token)
        if request.method != "POST":
            return render(request, "accounts/terminal_link.html", {"linked": terminal})
        made = services.set_up_by_link(token)
    except LinkOver as refusal:
        context = {"refusal": refusal}
        return render(request, "accounts/terminal_link.html", context, status=refusal.status)
    logout(request)
    return _made(made)


def _made(made: services.SetUp) -> HttpResponse:
    response = redirect(resolve_url("terminal"))
    terminals.mark_device(response, made)
    return response
