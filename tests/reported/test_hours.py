"""Opening hours as people write them, where parsers of hours were reported wrong."""

import pytest

from mapping.hours.opening import to_osm
from tests.reported.kind import Kind

NOT_UNDERSTOOD = None

KINDS = [
    Kind("opening-hours/opening_hours.js#244", "a colon behind the days",
         "lun-mer: 10:00-19:00, gio-ven: 10:00-20:00, sab: 9:00-18:00",
         "Mo-We 10:00-19:00; Th,Fr 10:00-20:00; Sa 09:00-18:00"),
    Kind("opening-hours/opening_hours.js#244", "a colon behind the days of OpenStreetMap",
         "Mo-We: 10:00-19:00, Th-Fr: 10:00-20:00", "Mo-We 10:00-19:00, Th-Fr 10:00-20:00"),
    Kind("simonpoole/OpeningHoursParser#50", "a colon glued to the months of OpenStreetMap",
         "Oct-Mar:Mo-Fr 07:00-20:00; Apr:07:00-22:00",
         "Oct-Mar Mo-Fr 07:00-20:00; Apr 07:00-22:00"),
    Kind("opening-hours/opening_hours.js#114", "a colon where a dash was meant",
         "lun 11:30-14:00; mar 11:30:14:00", NOT_UNDERSTOOD),
    Kind("opening-hours/opening_hours.js#367", "one day a line",
         "lunedì 11:45-13:00\nmartedì 12:15-14:00 e 20-22\ngiovedì chiuso",
         "Mo 11:45-13:00; Tu 12:15-14:00,20:00-22:00; Th off"),
    Kind("opening-hours/opening_hours.js#53", "a break within the hours",
         "lun-ven 10-16, chiuso 12-12.30", NOT_UNDERSTOOD),
    Kind("osmandapp/OsmAnd#4934", "hours that are added to those of the week",
         "lun-ven 8-12; lun 14-18; mar 16-18; gio 15-18",
         "Mo-Fr 08:00-12:00, Mo 14:00-18:00, Tu 16:00-18:00, Th 15:00-18:00"),
    Kind("streetcomplete/StreetComplete#773", "commas between days of other hours",
         "lun 9-12, mar 14-18, mer 9-12", "Mo 09:00-12:00; Tu 14:00-18:00; We 09:00-12:00"),
    Kind("streetcomplete/StreetComplete#305", "two spans for some days, other ones for others",
         "lun, gio 8:30-12:30, 14:00-18:00; mar, mer, ven 8:30-12:30, 14:00-16:30",
         "Mo,Th 08:30-12:30,14:00-18:00; Tu,We,Fr 08:30-12:30,14:00-16:30"),
    Kind("mapsme/omim#3431", "months that are closed, in OpenStreetMap",
         "Mo-Su 10:00-17:30; Jan off; Feb off", "Mo-Su 10:00-17:30; Jan off; Feb off"),
    Kind("mapsme/omim#3431", "a day that is closed, behind all days",
         "tutti i giorni 12-23; martedì chiuso", "Mo-Su 12:00-23:00; Tu off"),
    Kind("osmose-qa/osmose-backend#515", "the mornings of six days, the afternoons of five",
         "lun-sab 8:30-12:30, lun-ven 13:45-19:00, sab 13:45-18:00",
         "Mo-Sa 08:30-12:30, Mo-Fr 13:45-19:00, Sa 13:45-18:00"),
    Kind("streetcomplete/StreetComplete#1026", "holidays without hours of their own",
         "mar-gio, dom, festivi 12-23, ven-sab 12-24",
         "Tu-Th,Su,PH 12:00-23:00; Fr,Sa 12:00-24:00"),
    Kind("Zverik/every_door#191", "hours that go on past midnight",
         "gio-sab 20:00-03:00", NOT_UNDERSTOOD),
    Kind("simonpoole/OpeningHoursParser#39", "an end before its begin",
         "lun-ven 18:00-02:00", NOT_UNDERSTOOD),
    Kind("simonpoole/OpeningHoursParser#5", "a closing time of 00:00",
         "lun-ven 09:00-00:00", "Mo-Fr 09:00-24:00"),
    Kind("simonpoole/OpeningHoursParser#5", "points in clocks, and no noughts",
         "lun-ven 9.30-13", "Mo-Fr 09:30-13:00"),
    Kind("simonpoole/OpeningHoursParser#83", "always open, behind the days",
         "lun-dom 24/7", "Mo-Su 00:00-24:00"),
    Kind("simonpoole/OpeningHoursParser#84", "a letter for hours behind the clock",
         "lun-ven 8h-12h", "Mo-Fr 08:00-12:00"),
    Kind("simonpoole/OpeningHoursParser#84", "days written out",
         "dal lunedì al venerdì dalle ore 9 alle ore 13", "Mo-Fr 09:00-13:00"),
    Kind("simonpoole/OpeningHoursParser#84", "noon by its name",
         "lun-ven 9-mezzogiorno", NOT_UNDERSTOOD),
    Kind("simonpoole/OpeningHoursParser#12", "half days of English clocks",
         "lun-ven 9:00 am - 1:00 pm", NOT_UNDERSTOOD),
    Kind("WazeDev/WME-Place-Harmonizer#295", "always open, with another sign",
         "24 ore su 24, 7 giorni su 7", "24/7"),
    Kind("osmose-qa/osmose-backend#1307", "a day that is closed, before the others",
         "lunedì chiuso, mar-gio 9-18; ven 9-19", "Tu-Th 09:00-18:00; Fr 09:00-19:00; Mo off"),
    Kind("openreferral/specification#175", "two openings in one day",
         "lun-ven 9-12.30 e 14-18", "Mo-Fr 09:00-12:30,14:00-18:00"),
    Kind("zbycz/osmapp#711", "others by appointment, besides the hours",
         "lun-ven 9-13 e su appuntamento", "Mo-Fr 09:00-13:00"),
    Kind("streetcomplete/StreetComplete#3025", "all of them by appointment",
         "lun-ven 9-13, su appuntamento", 'Mo-Fr 09:00-13:00 "su appuntamento"'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("lun mer ven 16.30-18.30", "Mo,We,Fr 16:30-18:30"),
        ("lunedì mercoledì e venerdì dalle 16 alle 18", "Mo,We,Fr 16:00-18:00"),
        ("lun. mar. gio. 9-12; sab 9-11", "Mo,Tu,Th 09:00-12:00; Sa 09:00-11:00"),
        ("lun ven 16-18", NOT_UNDERSTOOD), ("lun mer ven - sab 16-18", NOT_UNDERSTOOD),
        ("lun-mar mer gio 9-12", NOT_UNDERSTOOD),
    ],
)  # fmt: skip
def test_three_days_with_blanks_are_days_and_two_may_be_a_range(
    text: str, hours: str | None
) -> None:
    assert to_osm(text) == hours


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_hours_are_read_or_not_understood(kind: Kind) -> None:
    assert to_osm(kind.example) == kind.right
