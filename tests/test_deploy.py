"""The files of deploy/ name what there is: sources, commands, options, ports and paths."""

import re
import tomllib
from pathlib import Path

from trunkline.cli.serve import PORT, serve
from trunkline.settings import SETTINGS

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
TEXTS = {file.name: file.read_text("utf-8") for file in DEPLOY.iterdir() if file.is_file()}


def test_the_container_copies_what_is_there_and_lets_it_in() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", TEXTS["Containerfile"], re.MULTILINE)
    copied = {name for line in lines for name in line.split()[:-1]}
    assert copied >= {"src", "docs", "requirements.lock", "pyproject.toml"}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = set(re.findall(r"^!(.+)$", TEXTS["Containerfile.dockerignore"], re.MULTILINE))
    assert copied <= let_in


def test_the_package_needs_no_file_that_the_container_lacks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    named = {project["project"]["readme"], *project["project"]["license-files"]}
    named |= set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"])
    assert [name for name in named if f" {name} " not in TEXTS["Containerfile"].replace("\n", " \n")] == []


def test_the_container_is_nobody_special_and_tells_its_health() -> None:
    text = TEXTS["Containerfile"]
    assert text.index("USER trunkline") < text.index("ENTRYPOINT")
    assert f"http://127.0.0.1:{PORT}/healthz" in text
    assert "VOLUME /data" in text


def test_options_ports_and_settings_are_those_there_are() -> None:
    options = {name for param in serve.params for name in param.opts}
    for name in ("Containerfile", "trunkline.service"):
        line = re.search(r"(CMD .*serve.*|ExecStart=.*serve.*)", TEXTS[name])
        assert line is not None
        assert set(re.findall(r"--[a-z-]+", line[0])) <= options
        assert str(PORT) in line[0]
    known = {setting.variable for setting in SETTINGS} | {"TRUNKLINE_HOME"}
    for name, text in TEXTS.items():
        assert set(re.findall(r"TRUNKLINE_[A-Z_]+", text)) <= known, name


def test_proxies_lead_to_the_server_and_pass_events_on_as_they_come() -> None:
    assert "proxy_buffering off;" in TEXTS["nginx.conf"]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in TEXTS["nginx.conf"]
    assert "flush_interval -1" in TEXTS["Caddyfile"]
    assert all(f"127.0.0.1:{PORT}" in TEXTS[name] for name in ("nginx.conf", "Caddyfile", "compose.yaml"))
    assert all(TEXTS[name].count("{") == TEXTS[name].count("}") for name in ("nginx.conf", "Caddyfile"))
