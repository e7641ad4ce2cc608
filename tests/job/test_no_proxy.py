"""NO_PROXY as curl reads it."""

from __future__ import annotations

import pytest

from harvester.job.no_proxy import exempted_by

STATS = "stats.figshare.com"


@pytest.mark.parametrize(
    ("no_proxy", "host", "entry"),
    [
        ("", STATS, None),
        ("figshare.com", STATS, "figshare.com"),
        (".figshare.com", STATS, ".figshare.com"),
        ("*.figshare.com", STATS, "*.figshare.com"),
        (".figshare.com", "figshare.com", ".figshare.com"),
        ("FigShare.COM", STATS, "FigShare.COM"),
        ("figshare.com.", STATS, "figshare.com."),
        ("figshare.com", f"{STATS}.", "figshare.com"),
        ("share.com", STATS, None),
        ("stats.figshare.com", "api.figshare.com", None),
        ("com", STATS, "com"),
        ("a.org,b.org , figshare.com", STATS, "figshare.com"),
        ("a.org b.org figshare.com", STATS, "figshare.com"),
        ("*", STATS, "*"),
        ("a.org,*", STATS, "*"),
        ("*figshare.com", STATS, None),
        (". , *. ,,", STATS, None),
        ("stats.figshare.com:443", STATS, "stats.figshare.com:443"),
        ("stats.figshare.com:8443", STATS, None),
        ("*:443", STATS, None),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3"),
        ("10.1.2.3:443", "10.1.2.3", "10.1.2.3:443"),
        ("10.1.0.0/16", "10.1.2.3", "10.1.0.0/16"),
        ("10.1.2.9/16", "10.1.2.3", "10.1.2.9/16"),
        ("10.2.0.0/16", "10.1.2.3", None),
        ("10.1.0.0/99", "10.1.2.3", None),
        ("2.3", "10.1.2.3", None),
        ("10.0.0.0/8", STATS, None),
        ("2001:db8::/32", "2001:db8::7", "2001:db8::/32"),
        ("[2001:db8::7]", "2001:db8::7", "[2001:db8::7]"),
        ("[2001:db8::7]:443", "2001:db8::7", "[2001:db8::7]:443"),
        ("2001:DB8:0::7", "2001:db8::7", "2001:DB8:0::7"),
        ("10.0.0.0/8", "2001:db8::7", None),
    ],
)
def test_no_proxy_exempts_a_host(no_proxy: str, host: str, entry: str | None) -> None:
    assert exempted_by(host, 443, no_proxy) == entry
