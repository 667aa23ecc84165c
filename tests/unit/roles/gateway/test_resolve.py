from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.inventory.secrets import Secret
from gpustrap.laptop import certificates
from gpustrap.resolve.context import Context
from gpustrap.resolve.gateway import GivenCertificate, OwnCertificate, Route
from gpustrap.resolve.public import PublicUrls
from roles.gateway import resolve

ROLES = ("gateway", "services")
URLS = {8080: "http://h:1"}


@pytest.fixture
def decide(settings, survey):
    def of(roles=ROLES, tools=("apt-get",), instance="trainer", urls=URLS, **rest):
        beside = {"services": settings("services", {"web": {"command": "x", "port": 8001}})}
        context = Context(instance, "cn", roles, beside, urls)
        written = {"routes": {"/": "web", "/x/": {"service": "web", "strip": True}}, "token": {"env": "T"}}
        written = {key: value for key, value in (written | rest).items() if value is not None}
        return resolve.choose(settings("gateway", written), replace(survey, tools=dict.fromkeys(tools, "/x")), context)

    return of


def test_each_route_has_its_services_port(decide):
    assert decide().routes == (Route("/", "web", 8001), Route("/x", "web", 8001, strip=True))
    assert decide().reasons == ("asks everybody for the token; log in once by http://h:1/?token=…",)


def test_a_name_before_a_path_is_the_host_that_has_to_be_asked_for(decide):
    chosen = decide(routes={"/": "web", "a.org/": "web", "a.org/x/": "web"})
    assert chosen.routes[1:] == (Route("/", "web", 8001, host="a.org"), Route("/x", "web", 8001, host="a.org"))
    assert chosen.hosts == ("", "a.org")
    assert [chosen.url_of(one) for one in chosen.routes] == ["http://h:1", "http://a.org:1", "http://a.org:1/x/"]


def test_a_certificate_of_our_own_is_for_the_address_from_outside_and_each_host(decide):
    chosen = decide(routes={"/": "web", "a.org/": "web"}, tls="self-signed")
    assert chosen.tls == OwnCertificate("trainer", ("h", "a.org", "localhost", "127.0.0.1"))
    assert (chosen.url, chosen.url_of(chosen.routes[1])) == ("https://h:1", "https://a.org:1")
    assert chosen.reasons[0] == "asks everybody for the token; log in once by https://h:1/?token=…"
    assert chosen.reasons[1].startswith("speaks https with a certificate of gpustrap's own, the same after a reset")
    assert decide(tls="self-signed", urls={}).tls.names == ("localhost", "127.0.0.1")


def test_a_certificate_of_the_persons_own_is_taken_as_it_is(decide, tmp_path, monkeypatch):
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path))
    chain = tmp_path / "chain.pem"
    chain.write_text(certificates._made(tmp_path / "one.pem", "one", ["a.org"]).chain)
    chosen = decide(tls={"certificate": chain, "key": {"env": "K"}}, urls={8080: "http://h:1/http:/x"})
    assert (chosen.tls, chosen.url) == (GivenCertificate(chain, Secret(env="K")), "https://h:1/http:/x")
    assert chosen.reasons[1:] == ("speaks https with the certificate that hosts.yml names",)


def test_where_the_provider_speaks_https_it_asks_the_port_by_http(decide):
    with pytest.raises(InstanceFailed) as failed:
        decide(tls="self-signed", urls={8080: "https://p/"})
    assert str(failed.value) == (
        "the provider's own address https://p/ is https already, and asks the port by http\nhint: leave gateway.tls out"
    )
    runpod = PublicUrls(env={"RUNPOD_POD_ID": "ab"})
    with pytest.raises(InstanceFailed, match=r"^the provider's own address https://ab-8080\.\S+ is https already"):
        decide(tls="self-signed", urls=runpod)
    written = PublicUrls(written="https://p:8443", main=8080)
    assert decide(tls="self-signed", urls=written).url == "https://p:8443"


def test_what_is_open_says_so(decide):
    assert decide(token=None, open=True).reasons == ("OPEN TO EVERYBODY, as hosts.yml says: it asks for no token",)


def test_without_a_known_address_the_login_is_by_its_address(decide):
    assert decide(port=9000).reasons == ("asks everybody for the token; log in once by its address/?token=…",)


def test_two_instances_behind_one_address_have_cookies_of_their_own(decide):
    assert decide().cookie == "gpustrap_" + hashlib.sha256(b"trainer").hexdigest()[:8]
    assert decide().cookie != decide(instance="other").cookie


@pytest.mark.parametrize("roles", [("services", "gateway"), ("gateway",)])
def test_it_comes_before_the_services(decide, roles):
    with pytest.raises(InstanceFailed) as failed:
        decide(roles)
    assert str(failed.value) == (
        "the gateway is itself a service, and fronts those that come after it\n"
        "hint: put the role `gateway` right before `services`"
    )


def test_without_apt_there_is_no_nginx(decide):
    with pytest.raises(InstanceFailed) as failed:
        decide(tools=())
    assert str(failed.value) == "nginx is installed with apt-get, which this debian 12 lacks"
