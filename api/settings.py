"""Settings from the environment; flags of the command line win over them."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.fetch import bundled_folder


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


OptionalPath = Annotated[Path | None, BeforeValidator(_none_if_empty)]


class Settings(BaseSettings):
    """Where things are, read from ``PROSSIMA_…``; nothing is created by reading them."""

    model_config = SettingsConfigDict(env_prefix="PROSSIMA_", frozen=True)

    var: Path = Path("var")
    mirror: OptionalPath = None
    data: OptionalPath = None
    database_url: str = ""
    city: str = "milano"

    @property
    def editions(self) -> Path:
        """Folder of the editions."""
        return self.var / "editions"

    @property
    def raw(self) -> Path:
        """Store of downloaded files, by content."""
        return self.var / "raw"

    @property
    def catalogue_url(self) -> str:
        """Database of the catalogue of record."""
        return self.database_url or f"sqlite:///{(self.var / 'catalogue.sqlite').resolve()}"

    @property
    def pack(self) -> Path | None:
        """Folder of the bundled pack."""
        return self.data or bundled_folder()
