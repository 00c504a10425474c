"""The page: whole, self-contained, and kept on a short leash by its headers."""

import re
from pathlib import Path

import httpx
import pytest

from bot.sandbox import faults, lies, telegram

WEB = Path(telegram.__file__).parent.parent / "web"
NAMES = sorted(path.name for path in WEB.iterdir() if path.suffix in {".css", ".js", ".svg"})


async def test_the_page_runs_only_its_own_scripts(client: httpx.AsyncClient) -> None:
    """No inline script or style, nothing from elsewhere, not in a frame."""
    page = await client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
    assert "SANDBOX:</strong> no real funds. Never paste a real key here." in page.text


async def test_everything_that_the_page_loads_is_there(client: httpx.AsyncClient) -> None:
    """Every file by its type, and no file is left over."""
    page = (await client.get("/")).text
    wanted = set(re.findall(r'"/web/([\w.]+)"', page))
    for name in NAMES:
        answer = await client.get(f"/web/{name}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        wanted |= set(re.findall(r'(?:from "\./|import "\./|url\(")([\w.]+)"', answer.text))
    assert wanted == set(NAMES)


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2fstore.py", "%2e%2e%2fstore.py"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    """Only the assets of the page, by name."""
    assert (await client.get(f"/web/{name}")).status_code == 404


@pytest.mark.parametrize("name", [*NAMES, "index.html"])
def test_no_asset_reaches_out(name: str) -> None:
    """No address of another host (the SVG namespace is a name, not an address)."""
    text = (WEB / name).read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//\w+\.\w", text)


def test_the_drawer_offers_every_fault() -> None:
    """What the page can ask for is exactly what the sandbox can do."""
    script = (WEB / "drawer.js").read_text()
    offered = {
        name: set(
            re.findall(r'\["(\w+)", ', re.findall(rf"const {name} = \[(.*?)\n\];", script, re.DOTALL)[0])
        )
        for name in ("kinds", "lies")
    }
    assert offered == {"kinds": {*faults.KINDS} - {"lie"}, "lies": set(lies.ALL)}
