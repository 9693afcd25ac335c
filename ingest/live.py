"""The ways in which publishers offer data live: each is a kind of `live` entry of a source's TOML.

A paged service says how its first page is asked for and what each page says of the next ones;
`ingest.fetching.paging` does the asking.
"""

import hashlib
import json
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import quote, urljoin
from xml.etree import ElementTree as ET

import httpx
from pydantic import AfterValidator, Discriminator, Field, Tag

from mapping.config import Config
from mapping.errors import SourceError

_WFS_ERRORS = ("ExceptionReport", "ServiceExceptionReport")


def _web_address(address: str) -> str:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as problem:
        raise ValueError(f"is no web address: {problem}") from None
    if url.scheme not in ("http", "https") or not url.host or set(address) & set(' <>"\\'):
        raise ValueError("is no web address: give http(s)://…")
    if url.userinfo:
        raise ValueError("holds a name or a password, which reports would show: leave it out")
    return address


WebAddress = Annotated[str, Field(max_length=2_000), AfterValidator(_web_address)]


class CkanResource(Config):
    """A resource of a CKAN portal, whose download address changes with each upload."""

    ckan: WebAddress
    package: str
    format: str

    @property
    def origin(self) -> str:
        """Name it in one line, the same in every run."""
        return f"{self.ckan.rstrip('/')}/dataset/{self.package}#{self.format.lower()}"


@dataclass(frozen=True)
class PageStep:
    """What one page says of itself and of those that follow."""

    records: int
    mark: str
    """Equal for pages with the same records, so that a repeated page is noticed."""
    next: str | None = None
    details: tuple[str, ...] = ()
    """Addresses of the full records of which this page is a list."""
    matched: int | None = None
    """How many records there are in all, where the service says so."""


class Paged(Config):
    """A service that gives its records a page at a time."""

    page: int = Field(default=1000, ge=1, le=100_000)
    """How many records are asked for at a time; the service may give fewer."""

    @property
    def origin(self) -> str:
        """Name it in one line, the same in every run."""
        return self.first()

    @property
    def suffix(self) -> str:
        """Suffix of the file of a page, by which GDAL knows its format."""
        return ".json"

    @abstractmethod
    def first(self) -> str:
        """Give the address of the first page."""

    @abstractmethod
    def step(self, url: str, body: bytes) -> PageStep:
        """Read what a page says, and where to go on.

        Raises SourceError when the page is not of this kind of service, or holds an error.
        """


class Socrata(Paged):
    """A data set of a Socrata portal, through its SODA interface."""

    socrata: WebAddress
    dataset: str

    def first(self) -> str:
        """Ask from the first record on, in the order of the portal's own row ids."""
        address = f"{self.socrata.rstrip('/')}/resource/{quote(self.dataset)}.json"
        return _with(address, {"$limit": self.page, "$offset": 0, "$order": ":id"})

    def step(self, url: str, body: bytes) -> PageStep:
        """Go on until a page is empty: a portal may give fewer records than it is asked for."""
        rows = _json(body)
        if not isinstance(rows, list):
            raise _refused("SODA", rows)
        return _by_offset(url, "$offset", rows)


class ArcGis(Paged):
    """A layer of an ArcGIS FeatureServer or MapServer."""

    arcgis: WebAddress
    """Address of the layer, such as ``…/FeatureServer/0``."""
    where: str = "1=1"
    order: str = "OBJECTID"

    @property
    def suffix(self) -> str:
        """Suffix of the file of a page."""
        return ".geojson"

    def first(self) -> str:
        """Ask from the first record on, in the order of the layer's ids."""
        form = {"outFields": "*", "outSR": "4326", "f": "geojson"}
        query = {"where": self.where, "orderByFields": self.order, **form}
        span = {"resultOffset": 0, "resultRecordCount": self.page}
        return _with(f"{self.arcgis.rstrip('/')}/query", query | span)

    def step(self, url: str, body: bytes) -> PageStep:
        """Go on while the layer says that its limit cut the answer short."""
        answer = _json(body)
        features = _features("ArcGIS", answer)
        properties = answer.get("properties")
        places = [answer, properties if isinstance(properties, dict) else {}]
        step = _by_offset(url, "resultOffset", features)
        if not any(place.get("exceededTransferLimit") for place in places):
            return replace(step, next=None)
        if not features:
            raise SourceError("the service says that there is more, and gives nothing")
        return step


class Wfs(Paged):
    """A feature type of a WFS 2.0 service."""

    wfs: WebAddress
    type: str
    format: str = "application/json"
    """`outputFormat`: GeoJSON, or a GML such as ``application/gml+xml; version=3.2``."""
    sort: str | None = None
    """The property to sort by; some services page only with it."""
    srs: str = "urn:ogc:def:crs:EPSG::4326"

    @property
    def suffix(self) -> str:
        """Suffix of the file of a page."""
        return ".geojson" if "json" in self.format.lower() else ".gml"

    def first(self) -> str:
        """Ask from the first feature on."""
        query = {"service": "WFS", "version": "2.0.0", "request": "GetFeature"}
        features = {"typeNames": self.type, "outputFormat": self.format, "srsName": self.srs}
        span = {"count": self.page, "startIndex": 0}
        return _with(
            self.wfs, query | features | span | ({"sortBy": self.sort} if self.sort else {})
        )

    def step(self, url: str, body: bytes) -> PageStep:
        """Go on until all that match are here; without their number, until a page is empty."""
        features, matched = _members(body) if self.suffix == ".gml" else _wfs_features(body)
        step = _by_offset(url, "startIndex", features)
        ended = matched is not None and _number(url, "startIndex") + len(features) >= matched
        return replace(step, next=None if ended else step.next, matched=matched)


class OgcFeatures(Paged):
    """A collection of an OGC API Features service."""

    ogc: WebAddress
    """Address of the collection, such as ``…/collections/scuole``."""

    @property
    def suffix(self) -> str:
        """Suffix of the file of a page."""
        return ".geojson"

    def first(self) -> str:
        """Ask for the first items."""
        return _with(f"{self.ogc.rstrip('/')}/items", {"f": "json", "limit": self.page})

    def step(self, url: str, body: bytes) -> PageStep:
        """Follow the link to the next page, which may not lead to another host."""
        answer = _json(body)
        features = _features("OGC API Features", answer)
        links = answer.get("links")
        hrefs = (
            [link["href"] for link in links if _is_next(link)] if isinstance(links, list) else []
        )
        target = _following(url, hrefs[0]) if hrefs else None
        matched = _whole(answer.get("numberMatched"))
        return PageStep(len(features), _mark(features), target, matched=matched)


class Hsds(Paged):
    """A directory that speaks HSDS 3.1: lists of services, then the full record of each."""

    hsds: WebAddress
    page: int = Field(default=100, ge=1, le=100_000)

    def first(self) -> str:
        """Ask for the first list."""
        return _with(self._services, {"page": 1, "per_page": self.page})

    def step(self, url: str, body: bytes) -> PageStep:
        """Read a list of services, or the record of one."""
        answer = _json(body)
        if not isinstance(answer, dict):
            raise _refused("HSDS", answer)
        if url.startswith(f"{self._services}?"):
            return self._list(url, answer)
        if self._detail(answer) != url:
            raise SourceError(f"{url} gives the record of another service")
        return PageStep(1, _mark([answer]))

    @property
    def _services(self) -> str:
        return f"{self.hsds.rstrip('/')}/services"

    def _list(self, url: str, answer: dict[str, Any]) -> PageStep:
        contents, pages = answer.get("contents"), _whole(answer.get("total_pages"))
        if not isinstance(contents, list) or pages is None:
            raise _refused("HSDS", answer)
        number = _number(url, "page")
        following = _at(url, "page", number + 1) if number < pages else None
        details = tuple(self._detail(listed) for listed in contents)
        return PageStep(0, _mark(contents), following, details, _whole(answer.get("total_items")))

    def _detail(self, listed: object) -> str:
        if not isinstance(listed, dict) or not isinstance(listed.get("id"), str):
            raise SourceError("a service has no id: this is not HSDS")
        return f"{self._services}/{quote(listed['id'], safe='')}"


_KEYS = ("arcgis", "ckan", "hsds", "ogc", "socrata", "wfs")


def _kind(entry: object) -> str | None:
    """Find the kind of an entry by the key that only it has."""
    if isinstance(entry, str):
        return "url"
    keys = entry if isinstance(entry, dict) else getattr(entry, "__dict__", {})
    return next((key for key in _KEYS if key in keys), None)


Live = Annotated[
    Annotated[WebAddress, Tag("url")]
    | Annotated[CkanResource, Tag("ckan")]
    | Annotated[Socrata, Tag("socrata")]
    | Annotated[ArcGis, Tag("arcgis")]
    | Annotated[Wfs, Tag("wfs")]
    | Annotated[OgcFeatures, Tag("ogc")]
    | Annotated[Hsds, Tag("hsds")],
    Discriminator(
        _kind,
        custom_error_type="live_kind",
        custom_error_message=f"give an address, or a table with one of {', '.join(_KEYS)}",
    ),
]


def origin(entry: Live) -> str:
    """Name a live entry in one line, beginning with its web address, the same in every run."""
    return entry if isinstance(entry, str) else entry.origin


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the page is not JSON: {error}") from error


def _features(kind: str, answer: Any) -> list[Any]:
    features = answer.get("features") if isinstance(answer, dict) else None
    if not isinstance(features, list):
        raise _refused(kind, answer)
    return features


def _wfs_features(body: bytes) -> tuple[list[Any], int | None]:
    answer = _json(body)
    features = _features("WFS", answer)
    return features, _whole(answer.get("numberMatched", answer.get("totalFeatures")))


def _refused(kind: str, answer: Any) -> SourceError:
    """Say what is wrong with a page, in the service's own words where it gives any."""
    if not isinstance(answer, dict):
        return SourceError(f"the page is not an answer of {kind}: it is no object")
    error = answer.get("error")
    words = error if isinstance(error, dict) else answer
    parts = [words.get(key) for key in ("code", "message", "details", "description")]
    message = " ".join(str(word) for word in parts if word)
    if error or message:
        return SourceError(f"the service answers with an error: {message or error}"[:300])
    return SourceError(f"the page is not an answer of {kind}")


def _members(body: bytes) -> tuple[list[str], int | None]:
    """Read the features of a GML page, as texts, and how many match in all."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - expat refuses entities that grow without bound
    except ET.ParseError as error:
        raise SourceError(f"the page is not GML: {error}") from error
    name = _local(root)
    if name in _WFS_ERRORS:
        message = " ".join("".join(root.itertext()).split())
        raise SourceError(f"the service answers with an error: {message}"[:300])
    if name != "FeatureCollection":
        raise SourceError(f"the page is not an answer of WFS: it is {name}"[:300])
    features = [
        feature for part in root if _local(part) in ("member", "featureMember") for feature in part
    ]
    features += [feature for part in root if _local(part) == "featureMembers" for feature in part]
    return [ET.tostring(feature, "unicode") for feature in features], _whole(
        root.get("numberMatched")
    )


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _following(url: str, href: str) -> str:
    try:
        target = urljoin(url, href)
        host = _host(target)
    except (ValueError, httpx.InvalidURL) as error:
        raise SourceError(f"the address of the next page cannot be read: {error}"[:300]) from error
    if host != _host(url):
        raise SourceError(f"the next page is said to be on another host, {host}")
    return target


def _is_next(link: object) -> bool:
    if not isinstance(link, dict):
        return False
    return link.get("rel") == "next" and isinstance(link.get("href"), str)


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() else None


def _by_offset(url: str, name: str, records: Sequence[object]) -> PageStep:
    following = _at(url, name, _number(url, name) + len(records)) if records else None
    return PageStep(len(records), _mark(records), following)


def _mark(records: Sequence[object]) -> str:
    # Of the records alone: many services write the time into each answer.
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()


def _with(address: str, query: dict[str, Any]) -> str:
    return str(httpx.URL(address).copy_merge_params(query))


def _at(url: str, name: str, value: int) -> str:
    return str(httpx.URL(url).copy_set_param(name, value))


def _number(url: str, name: str) -> int:
    return int(httpx.URL(url).params[name])


def _host(url: str) -> str:
    place = httpx.URL(url)
    return f"{place.scheme}://{place.netloc.decode()}"
