"""The tenant on a requests session, in process, and the faults on purpose."""

import subprocess
import sys
from collections import Counter

import pytest
import requests

from adsyncdiag.connectors.lab.faults import Fault, Faults, parse_fault
from adsyncdiag.connectors.lab.inprocess import mount
from adsyncdiag.errors import UsageError


@pytest.fixture
def session(tenant, ids):
    """A session whose requests to the lab stay in process."""
    with make_session(tenant, ids) as made:
        yield made


def make_session(tenant, ids, faults=None):
    """Return a session with a token."""
    made = requests.Session()
    made.trust_env = False
    mount(made, tenant, faults=faults)
    form = {
        "grant_type": "client_credentials",
        "client_id": ids.client,
        "client_secret": ids.secret,
        "scope": "https://graph.lab/.default",
    }
    reply = made.post(f"https://login.lab/{ids.tenant}/oauth2/v2.0/token", data=form, timeout=5)
    made.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
    return made


def test_requests_reach_the_tenant_in_process(session, ids, new_user):
    """Creating, reading, changing and listing works through requests, with query options and paging."""
    made = session.post("https://graph.lab/v1.0/users", json=new_user(), timeout=5)
    assert made.status_code == 201
    url = f"https://graph.lab/v1.0/users/{made.json()['id']}"
    assert session.patch(url, json={"city": "Zürich"}, timeout=5).status_code == 204
    assert session.get(url, params={"$select": "city"}, timeout=5).json()["city"] == "Zürich"
    page = session.get("https://graph.lab/v1.0/users", params={"$top": 3, "$select": "id"}, timeout=5).json()
    rest = session.get(page["@odata.nextLink"], timeout=5).json()
    assert len(page["value"]) + len(rest["value"]) == 4
    found = session.get(
        "https://graph.lab/v1.0/users",
        params={"$filter": "onPremisesImmutableId eq 'AAAAAAAAAAAAAAAAAAAAAQ=='", "$select": "id"},
        timeout=5,
    ).json()["value"]
    assert found == [{"id": ids.ada}]
    assert session.delete(url, timeout=5).status_code == 204


def test_every_method_and_both_hosts_are_mounted(session, ids):
    """PUT with a body and 404 answers come through as from a network."""
    reference = {"@odata.id": f"https://graph.lab/v1.0/users/{ids.ada}"}
    url = f"https://graph.lab/v1.0/users/{ids.ben}/manager"
    assert session.put(f"{url}/$ref", json=reference, timeout=5).status_code == 204
    assert session.get(url, timeout=5).json()["id"] == ids.ada
    reply = session.get("https://graph.lab/v1.0/users/x@contoso.com", timeout=5)
    assert (reply.status_code, reply.reason, reply.ok) == (404, "Not Found", False)


def test_tokens_are_good_for_every_session_of_the_tenant(session, tenant, ids):
    """The session that fetched a token and the one that uses it may be two."""
    with requests.Session() as other:
        mount(other, tenant, ["https://graph.lab/"])
        headers = {"Authorization": session.headers["Authorization"]}
        assert other.get("https://graph.lab/v1.0/users", headers=headers, timeout=5).status_code == 200


def test_msal_signs_in_in_process(tenant, ids):
    """With msal one gets a token through a mounted session, and its error for a wrong secret."""
    import msal

    with requests.Session() as http:
        mount(http, tenant)
        options = {"authority": f"https://login.lab/{ids.tenant}", "instance_discovery": False, "http_client": http}
        good = msal.ConfidentialClientApplication(ids.client, client_credential=ids.secret, **options)
        assert "access_token" in good.acquire_token_for_client(["https://graph.lab/.default"])
        bad = msal.ConfidentialClientApplication(ids.client, client_credential="wrong", **options)
        assert bad.acquire_token_for_client(["https://graph.lab/.default"])["error_codes"] == [7000215]


@pytest.mark.parametrize(
    ("kind", "status", "header"),
    [
        ("429", 429, "1"),
        ("429-bare", 429, None),
        ("500", 500, None),
        ("502", 502, None),
        ("503", 503, "1"),
        ("504", 504, None),
    ],
)
def test_a_status_fault_is_an_answer_and_nothing_is_done(tenant, ids, new_user, kind, status, header):
    """Throttling and outages are Graph's error answers, with Retry-After where it belongs; the request is not carried out."""
    with make_session(tenant, ids, Faults([Fault(kind, 1.0)])) as session:
        reply = session.post("https://graph.lab/v1.0/users", json=new_user(), timeout=5)
    assert (reply.status_code, reply.headers.get("Retry-After")) == (status, header)
    assert "code" in reply.json()["error"]
    with tenant.reading() as directory:
        assert directory.one("users", "userPrincipalName", "dora@contoso.com") is None


@pytest.mark.parametrize(
    ("kind", "exception", "done"),
    [
        ("reset", requests.ConnectionError, False),
        ("lost-answer", requests.ConnectionError, True),
        ("timeout", requests.ReadTimeout, True),
        ("truncate", requests.exceptions.ChunkedEncodingError, True),
    ],
)
def test_a_broken_connection_is_the_exception_of_requests(tenant, ids, new_user, kind, exception, done):
    """A broken connection raises what a network would; after `lost-answer` and its kind the user is there."""
    with make_session(tenant, ids, Faults([Fault(kind, 1.0)])) as session, pytest.raises(exception):
        session.post("https://graph.lab/v1.0/users", json=new_user(), timeout=5)
    with tenant.reading() as directory:
        assert (directory.one("users", "userPrincipalName", "dora@contoso.com") is not None) is done


def test_an_expired_token_fails_until_a_new_one_is_fetched(tenant, ids):
    """The fault ends the token that was used; the token service is not disturbed."""
    faults = Faults([Fault("expired-token", 1.0)])
    with make_session(tenant, ids, faults) as session:
        reply = session.get("https://graph.lab/v1.0/users", timeout=5)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    with make_session(tenant, ids) as session:
        assert session.get("https://graph.lab/v1.0/users", timeout=5).status_code == 200


def test_requests_of_a_batch_are_throttled_on_their_own(tenant, ids):
    """Inside a 200 of $batch single requests have status 429."""
    faults = Faults([Fault("429", 0.5)], seed=4)
    with make_session(tenant, ids, faults) as session:
        items = [{"id": str(n), "method": "GET", "url": f"/users/{ids.ada}"} for n in range(20)]
        for _ in range(20):
            reply = session.post("https://graph.lab/v1.0/$batch", json={"requests": items}, timeout=5)
            if reply.status_code == 200:
                break
    statuses = Counter(item["status"] for item in reply.json()["responses"])
    assert set(statuses) == {200, 429}


def test_the_same_seed_draws_the_same_faults():
    """Faults are repeatable, come about as often as their rate says, and their rates add up."""
    faults = [Fault("429", 0.1), Fault("reset", 0.2)]
    first, second = Faults(faults, seed=7), Faults(faults, seed=7)
    drawn = [first.draw() for _ in range(5000)]
    assert drawn == [second.draw() for _ in range(5000)]
    counted = Counter(drawn)
    assert 400 < counted["429"] < 600
    assert 850 < counted["reset"] < 1150
    assert set(counted) == {"429", "reset", ""}


@pytest.mark.parametrize("text", ["", "429", "429:", "429:x", "429:1.1", "429:-0.1", "418:0.5", ":0.5", "429:nan"])
def test_a_fault_that_cannot_be_is_a_usage_error(text):
    """`--fault` takes KIND:RATE with a known kind and a rate from 0 to 1."""
    with pytest.raises(UsageError):
        parse_fault(text)


def test_a_fault_is_parsed():
    """KIND:RATE becomes its two parts."""
    assert parse_fault("429-bare:0.25") == Fault("429-bare", 0.25)


def test_importing_the_tenant_is_cheap():
    """The tenant itself imports neither cryptography nor requests nor msal; the adapter adds requests only."""
    code = "import sys, adsyncdiag.connectors.lab.service; print(sorted({'cryptography','requests','msal','pydantic','ssl'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
    code = code.replace("lab.service", "lab.inprocess")
    assert "cryptography" not in subprocess.check_output([sys.executable, "-c", code], text=True)
