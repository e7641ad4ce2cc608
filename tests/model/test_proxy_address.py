"""What a proxy's URL is read as, and that a sentence about one repeats nothing of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model.proxy_address import ProxyUrlError, read_proxy_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://proxy.example.org:3128", "http://proxy.example.org:3128"),
        ("HTTP://Proxy.Example.ORG:3128/", "http://proxy.example.org:3128"),
        ("proxy.example.org:8080", "http://proxy.example.org:8080"),
        ("proxy", "http://proxy:1080"),
        ("http://proxy", "http://proxy:1080"),
        ("https://proxy", "https://proxy:443"),
        ("http://10.0.0.1:3128", "http://10.0.0.1:3128"),
        ("http://[2001:DB8::1]:3128", "http://[2001:db8::1]:3128"),
        ("http://my_proxy:3128", "http://my_proxy:3128"),
    ],
)
def test_a_proxys_url_is_read_as_curl_reads_it(text: str, url: str) -> None:
    address, credentials = read_proxy_url(text)
    assert address.url == url
    assert credentials is None


@pytest.mark.parametrize(
    ("text", "credentials"),
    [
        ("http://u:p@proxy:1", "u:p"),
        ("u:p@proxy:1", "u:p"),
        ("http://u@proxy:1", "u:"),
        ("http://dom%5Cuser:p%40ss%3A%2F%23@proxy:1", "dom\\user:p@ss:/#"),
        ("http://u:p@ss@proxy:1", "u:p@ss"),
        ("http://%C3%A9:%C3%BC@proxy:1", "é:ü"),
    ],
)
def test_a_login_is_taken_out_of_a_proxys_url_and_decoded(text: str, credentials: str) -> None:
    address, secret = read_proxy_url(text)
    assert address.url == "http://proxy:1"
    assert secret is not None
    assert secret.reveal() == credentials
    assert repr(secret) == "***"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("socks5://proxy:1080", "SOCKS proxies are not supported"),
        ("socks5h://u:canary@proxy:1080", "SOCKS proxies are not supported"),
        ("socks4a://proxy", "SOCKS proxies are not supported"),
        ("ftp://proxy:1", "no proxy's URL"),
        ("http://", "no proxy's URL"),
        ("http://:3128", "no proxy's URL"),
        ("http://proxy:0", "no proxy's URL"),
        ("http://proxy:99999", "no proxy's URL"),
        ("http://proxy:canary", "no proxy's URL"),
        ("http://u:can#ary@proxy:1", "no proxy's URL"),
        ("http://u:can/ary@proxy:1", "no proxy's URL"),
        ("http://pröxy:1", "no proxy's URL"),
        ("http://proxy:1 ", "no proxy's URL"),
        ("http://proxy:1\n", "no proxy's URL"),
        ("http://[::1:1", "no proxy's URL"),
        ("http://wpad.example.org/proxy.pac", "configuration script (PAC)"),
        ("http://:canary@proxy:1", "a username is missing"),
    ],
)
def test_what_is_no_proxy_is_refused_and_not_repeated(text: str, says: str) -> None:
    with pytest.raises(ProxyUrlError) as caught:
        read_proxy_url(text)
    assert says in str(caught.value)
    assert "canary" not in str(caught.value)


@given(st.text(max_size=40) | st.text("htps:/@#?%[].0123456789-", max_size=40))
def test_any_text_is_a_proxy_or_refused(text: str) -> None:
    try:
        address, _ = read_proxy_url(text)
    except ProxyUrlError:
        return
    assert read_proxy_url(address.url) == (address, None)
