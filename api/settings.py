"""Settings from the environment; flags of the command line win over them."""

import gc
import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from ingest.fetching.bundled_pack import bundled_folder
from mapping.config_values import shortened
from mapping.errors import BadInputError


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]


class Settings(BaseModel):
    """Where things are, read from ``PROSSIMA_…``; nothing is created by reading them."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    var: Annotated[Path, BeforeValidator(lambda value: value or "var")] = Path("var")
    mirror: OptionalPath = None
    data: OptionalPath = None
    config: OptionalPath = None
    """The overlay folder, which `mapping.config` reads from the same variable."""
    private_hosts: str = ""
    """Publishers inside of one's own network, which `ingest.fetching` reads from the variable."""
    database_url: str = ""
    store: str = ""
    """Editions that several servers share, a folder or ``s3://bucket/prefix``; empty: none."""
    city: str = "milano"
    public_url: str = ""
    """Where the world finds the pages, ``https://…``; empty: where the request was sent."""
    forwarded_allow_ips: str = Field(default="", validation_alias="FORWARDED_ALLOW_IPS")
    """Proxies whose `X-Forwarded-For` is believed: addresses and networks, by commas."""
    day: str = ""
    """Day, YYYY-MM-DD, on which a build counts freshness; empty: the day on which it runs."""
    backup_passphrase: SecretStr = SecretStr("")
    """What seals backups, where no file is named for it."""
    metrics_token: SecretStr = SecretStr("")
    """Who shows it may read `/metrics` from elsewhere; empty: this machine alone may."""

    def __init__(self, **flags: Any) -> None:
        environment = {name.upper(): value for name, value in os.environ.items()}
        variables: dict[str, str] = {
            str(field.validation_alias or name): str(
                field.validation_alias or f"PROSSIMA_{name.upper()}"
            )
            for name, field in type(self).model_fields.items()
        }
        known = {key: environment[name] for key, name in variables.items() if name in environment}
        super().__init__(**{**known, **flags})

    @property
    def editions(self) -> Path:
        """Folder of the editions."""
        return self.var / "editions"

    @property
    def raw(self) -> Path:
        """Store of downloaded files, by content."""
        return self.var / "raw"

    @property
    def unsearched(self) -> Path:
        """Where an edition is written before it was searched: nothing is served from there."""
        return self.var / ".unsearched"

    @property
    def build_day(self) -> date:
        """Day on which a build counts freshness; raises BadInputError where it is set to none."""
        if not self.day:
            return date.today()  # noqa: DTZ011 - freshness is counted in the city's own days
        try:
            return datetime.strptime(self.day, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, no moment
        except ValueError as error:
            raise BadInputError(
                f"PROSSIMA_DAY '{shortened(self.day, 10)}' is no day. Write it as 2026-11-30."
            ) from error

    @property
    def catalogue_url(self) -> str:
        """Database of the catalogue of record."""
        return self.database_url or f"sqlite:///{(self.var / 'catalogue.sqlite').resolve()}"

    @property
    def has_catalogue(self) -> bool:
        """Whether a catalogue is named, or is there already."""
        return bool(self.database_url) or (self.var / "catalogue.sqlite").exists()

    @property
    def pack(self) -> Path | None:
        """Folder of the bundled pack."""
        return self.data or bundled_folder()


def settings_of(city: str | None, mirror: str | None) -> Settings:
    """Read the settings, flags first; raises BadInputError when the mirror is none or empty."""
    flags: dict[str, Any] = {}
    if city is not None:
        flags["city"] = city
    if mirror is not None:
        flags["mirror"] = mirror
    settings = Settings(**flags)
    require_mirror(settings.mirror)
    return settings


def require_mirror(mirror: Path | None) -> None:
    """Raise BadInputError when a mirror is named that is no folder, or has nothing in it."""
    if mirror is None:
        return
    if not mirror.is_dir():
        raise BadInputError(
            f"Mirror '{mirror}' is no folder. Give one, or leave PROSSIMA_MIRROR empty."
        )
    if not any(mirror.iterdir()):
        raise BadInputError(
            f"Mirror '{mirror}' is empty: is its disk mounted? Put the copies of the sources there,"
            " or leave PROSSIMA_MIRROR empty."
        )


def collect_often() -> None:
    """Search for garbage cycles as Python does: refused requests leave some, with their bodies.

    What is loaded by now is not searched again.
    """
    gc.freeze()
    gc.set_threshold(*USUAL_THRESHOLDS)


USUAL_THRESHOLDS = gc.get_threshold()


def collect_seldom() -> None:
    """Search for garbage cycles a hundred times less often: in batches of records it finds none."""
    gc.set_threshold(100_000, 50, 100)
