"""A Dockerfile carried out without an engine: each stage is a folder, each RUN a process whose root it is.

Not an image: instead of the base image's files there are this machine's own, and in /usr/local, where Python's images
have it, Lambda's Python as pyenv installed it. What the base image brings or lacks is not shown.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.package import PYTHON, interpreter

SYSTEM = ("bin", "sbin", "lib", "lib64", "usr", "etc", "opt")
OWN_PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    said: str
    "What follows the name, its lines joined."

    def words(self) -> list[str]:
        """Of the form that is JSON, and of a plain list of words."""
        rest = " ".join(word for word in self.said.split() if not word.startswith("--"))
        return list(json.loads(rest)) if rest.startswith("[") else shlex.split(rest)

    def option(self, name: str) -> str | None:
        return next((word.partition("=")[2] for word in self.said.split() if word.startswith(f"--{name}=")), None)


@dataclass(slots=True)
class Stage:
    base: str
    name: str
    root: Path
    instructions: list[Instruction] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"

    def last(self, name: str) -> Instruction:
        return [one for one in self.instructions if one.name == name][-1]


def read(dockerfile: Path, into: Path) -> list[Stage]:
    """Its stages, with nothing done yet."""
    lines = [line for line in dockerfile.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for whole in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, said = whole.strip().partition(" ")
        if name == "FROM":
            base, _, alias = said.partition(" AS ")
            stages.append(Stage(base, alias or str(len(stages)), into / (alias or str(len(stages)))))
        else:
            stages[-1].instructions.append(Instruction(name, said.strip()))
    return stages


def why_not() -> str:
    """Why no image can be made here; empty where it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root gives a process another root and another user"
    if interpreter("")[1] != PYTHON:
        return "Lambda's Python is not on this machine"
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else f"nothing can be mounted here: {tried.stderr.decode().strip()}"


def build(dockerfile: Path, into: Path) -> Stage:
    """Carry out every stage; the last one is the image."""
    stages = read(dockerfile, into)
    for stage in stages:
        stage.root.mkdir()
        for instruction in stage.instructions:
            _carry_out(instruction, stage, stages, dockerfile.parent)
    return stages[-1]


def _carry_out(instruction: Instruction, stage: Stage, stages: Sequence[Stage], context: Path) -> None:
    match instruction.name:
        case "RUN":
            done = subprocess.run(
                in_root(stage, ["/bin/sh", "-c", instruction.said], writable=True),
                env={**_of_pip(), **_environment(stage)}, capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"RUN {instruction.said}\n{done.stdout}{done.stderr}"
        case "COPY":
            *sources, target = instruction.words()
            came_from = instruction.option("from")
            origin = next(one.root for one in stages if one.name == came_from) if came_from else context
            for source in sources:
                assert came_from or sent(context, source), f"{source} is not sent to the engine: .dockerignore"
                _copy(origin / source.lstrip("/"), stage.root / target.lstrip("/"), into=target.endswith("/"))
                if not came_from:
                    _leave_out_what_python_left(stage.root / target.lstrip("/"))
        case "ENV":
            for name, _, value in (word.partition("=") for word in instruction.words()):
                stage.environment[name] = value.replace("$PATH", OWN_PATH)
        case "WORKDIR":
            stage.folder = instruction.said
        case "USER":
            stage.user = instruction.said
        case "EXPOSE" | "HEALTHCHECK" | "CMD":
            pass
        case other:
            raise AssertionError(f"nobody here knows {other}")


def sent(context: Path, source: str) -> bool:
    """Whether an allow-list of a .dockerignore lets this through."""
    lines = [line for line in (context / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*", "it is no allow-list"
    return source in {line[1:] for line in lines if line.startswith("!")}


def _copy(source: Path, target: Path, *, into: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    else:
        target = target / source.name if into else target
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _leave_out_what_python_left(folder: Path) -> None:
    """As the .dockerignore says."""
    for path in list(folder.rglob("__pycache__")):
        shutil.rmtree(path)


def in_root(stage: Stage, command: Sequence[str], *, writable: bool = False) -> list[str]:
    """The command that runs `command` with the stage's folder as its root, as process 1, seeing itself alone."""
    python = Path(interpreter("")[0]).resolve().parents[1]
    binds = [(f"/{name}", f"/{name}") for name in SYSTEM if Path(f"/{name}").exists()]
    binds += [("/dev", "/dev"), ("/proc", "/proc"), (str(python), "/usr/local"), (str(python), str(python))]
    script = [f"mount --bind {stage.root} {stage.root}"]
    for source, target in binds:
        (stage.root / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
        script.append(f"mount --rbind {source} {stage.root}{target}")
    if writable:
        (stage.root / "tmp").mkdir(exist_ok=True)
    else:
        script.append(f"mount -o remount,bind,ro {stage.root}")
    inside = f"cd {stage.folder} && exec {shlex.join(command)}"
    script.append(f"exec chroot --userspec={stage.user} --groups= {stage.root} /bin/sh -c {shlex.quote(inside)}")
    return [
        "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "/bin/sh", "-ec",
        "\n".join(script),
    ]  # fmt: skip


def _environment(stage: Stage) -> dict[str, str]:
    return {"PATH": OWN_PATH, "HOME": "/", **stage.environment}


def _of_pip() -> dict[str, str]:
    """How this machine reaches the registry."""
    wanted = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT", "REQUESTS_CA")
    return {name: value for name, value in os.environ.items() if name.upper().startswith(wanted)}


class Container:
    """A running image, seen from outside."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    @property
    def first(self) -> int:
        """The process 1 of the container, as this machine numbers it; with it all others of the container end."""
        return int(Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0])

    def status(self, name: str) -> str:
        """A line of what the kernel says of process 1, such as its Uid."""
        lines = dict(
            line.split(":", 1) for line in Path(f"/proc/{self.first}/status").read_text().splitlines() if ":" in line
        )
        return lines[name].strip()

    def stop(self) -> None:
        """As an engine does it, without waiting."""
        os.kill(self.first, signal.SIGTERM)

    def kill(self) -> None:
        with suppress(IndexError, FileNotFoundError, ProcessLookupError):  # it has ended by itself
            os.kill(self.first, signal.SIGKILL)

    def wait(self, seconds: float) -> int:
        return self._process.wait(seconds)


@contextmanager
def running(
    image: Stage, environment: Mapping[str, str], output: Path, command: Sequence[str] = ()
) -> Iterator[Container]:
    """The image's CMD, or another command, with a read-only root; killed at the end of the block."""
    with output.open("wb") as told:
        process = subprocess.Popen(
            in_root(image, command or image.last("CMD").words()),
            env={**_environment(image), **environment}, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
        )  # fmt: skip
        container = Container(process)
        try:
            yield container
        finally:
            container.kill()
            container.wait(30)
