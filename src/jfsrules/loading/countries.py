"""Which codes a partner may have, and what people write instead of one. Knows no fact on any."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from jfsrules.errors import Diagnostic, nearest
from jfsrules.loading.shaping import shown
from jfsrules.span import Place

ALMOST: Final = 0.85

# ISO 3166-1, with the code in common use for Kosovo: two letters, three letters, short name.
_TABLE: Final = """
AD AND Andorra
AE ARE United Arab Emirates
AF AFG Afghanistan
AG ATG Antigua and Barbuda
AI AIA Anguilla
AL ALB Albania
AM ARM Armenia
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina
AS ASM American Samoa
AT AUT Austria
AU AUS Australia
AW ABW Aruba
AX ALA Åland Islands
AZ AZE Azerbaijan
BA BIH Bosnia and Herzegovina
BB BRB Barbados
BD BGD Bangladesh
BE BEL Belgium
BF BFA Burkina Faso
BG BGR Bulgaria
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin
BL BLM Saint Barthélemy
BM BMU Bermuda
BN BRN Brunei
BO BOL Bolivia
BQ BES Bonaire, Sint Eustatius and Saba
BR BRA Brazil
BS BHS Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus
BZ BLZ Belize
CA CAN Canada
CC CCK Cocos (Keeling) Islands
CD COD Congo (Democratic Republic)
CF CAF Central African Republic
CG COG Congo (Republic)
CH CHE Switzerland
CI CIV Côte d'Ivoire
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon
CN CHN China
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cabo Verde
CW CUW Curaçao
CX CXR Christmas Island
CY CYP Cyprus
CZ CZE Czechia
DE DEU Germany
DJ DJI Djibouti
DK DNK Denmark
DM DMA Dominica
DO DOM Dominican Republic
DZ DZA Algeria
EC ECU Ecuador
EE EST Estonia
EG EGY Egypt
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain
ET ETH Ethiopia
FI FIN Finland
FJ FJI Fiji
FK FLK Falkland Islands
FM FSM Micronesia
FO FRO Faroe Islands
FR FRA France
GA GAB Gabon
GB GBR United Kingdom
GD GRD Grenada
GE GEO Georgia
GF GUF French Guiana
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland
GM GMB Gambia
GN GIN Guinea
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece
GS SGS South Georgia and the South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong
HM HMD Heard Island and McDonald Islands
HN HND Honduras
HR HRV Croatia
HT HTI Haiti
HU HUN Hungary
ID IDN Indonesia
IE IRL Ireland
IL ISR Israel
IM IMN Isle of Man
IN IND India
IO IOT British Indian Ocean Territory
IQ IRQ Iraq
IR IRN Iran
IS ISL Iceland
IT ITA Italy
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan
JP JPN Japan
KE KEN Kenya
KG KGZ Kyrgyzstan
KH KHM Cambodia
KI KIR Kiribati
KM COM Comoros
KN KNA Saint Kitts and Nevis
KP PRK North Korea
KR KOR South Korea
KW KWT Kuwait
KY CYM Cayman Islands
KZ KAZ Kazakhstan
LA LAO Laos
LB LBN Lebanon
LC LCA Saint Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania
LU LUX Luxembourg
LV LVA Latvia
LY LBY Libya
MA MAR Morocco
MC MCO Monaco
MD MDA Moldova
ME MNE Montenegro
MF MAF Saint Martin
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia
ML MLI Mali
MM MMR Myanmar
MN MNG Mongolia
MO MAC Macao
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico
MY MYS Malaysia
MZ MOZ Mozambique
NA NAM Namibia
NC NCL New Caledonia
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands
NO NOR Norway
NP NPL Nepal
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand
OM OMN Oman
PA PAN Panama
PE PER Peru
PF PYF French Polynesia
PG PNG Papua New Guinea
PH PHL Philippines
PK PAK Pakistan
PL POL Poland
PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn
PR PRI Puerto Rico
PS PSE Palestine
PT PRT Portugal
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar
RE REU Réunion
RO ROU Romania
RS SRB Serbia
RU RUS Russia
RW RWA Rwanda
SA SAU Saudi Arabia
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden
SG SGP Singapore
SH SHN Saint Helena
SI SVN Slovenia
SJ SJM Svalbard and Jan Mayen
SK SVK Slovakia
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP Sao Tome and Principe
SV SLV El Salvador
SX SXM Sint Maarten
SY SYR Syria
SZ SWZ Eswatini
TC TCA Turks and Caicos Islands
TD TCD Chad
TF ATF French Southern Territories
TG TGO Togo
TH THA Thailand
TJ TJK Tajikistan
TK TKL Tokelau
TL TLS Timor-Leste
TM TKM Turkmenistan
TN TUN Tunisia
TO TON Tonga
TR TUR Türkiye
TT TTO Trinidad and Tobago
TV TUV Tuvalu
TW TWN Taiwan
TZ TZA Tanzania
UA UKR Ukraine
UG UGA Uganda
UM UMI United States Minor Outlying Islands
US USA United States
UY URY Uruguay
UZ UZB Uzbekistan
VA VAT Holy See
VC VCT Saint Vincent and the Grenadines
VE VEN Venezuela
VG VGB British Virgin Islands
VI VIR US Virgin Islands
VN VNM Vietnam
VU VUT Vanuatu
WF WLF Wallis and Futuna
WS WSM Samoa
XK XKX Kosovo
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""
_OTHER_NAMES: Final = """
GB UK; GB Britain; GB Great Britain; GB England; GR EL; US USA; US America; TR Turkey;
CV Cape Verde; CI Ivory Coast; SZ Swaziland; MM Burma; CZ Czech Republic; MK Macedonia; MK FYROM;
MD Republic of Moldova; RU Russian Federation; VN Viet Nam; KR Korea; CD DRC; AE UAE; VA Vatican;
TL East Timor; BA Bosnia; XK KS
"""
# Codes that ISO 3166-1 has withdrawn, with what they stood for and whom to ask for instead.
_FORMER: Final = """
AN the Netherlands Antilles until 2010: CW SX BQ
BU Burma until 1989: MM
CS Serbia and Montenegro until 2006: RS ME
DD the German Democratic Republic until 1990: DE
SU the Soviet Union until 1991: RU UA
TP East Timor until 2002: TL
YU Yugoslavia until 2003: RS ME
ZR Zaire until 1997: CD
"""
_REGIONS: Final = """
ASEAN; African Union; Central Asia; Africa; CELAC; EU; European Union; ACP; OACPS; Western Balkans;
Balkans; Eastern Partnership; Maghreb; Mashreq; Sahel; GCC; Gulf Cooperation Council; ECOWAS; IGAD;
Horn of Africa; Latin America; Caribbean; Asia; Europe; Middle East; North Africa; West Africa;
East Africa; Southern Africa; South Caucasus; Pacific; Union for the Mediterranean;
Southern Neighbourhood; Eastern Neighbourhood; EFTA; EEA; Schengen; MERCOSUR; CARICOM; SAARC; UN;
United Nations; NATO; OSCE; Council of Europe; Interpol; Europol; Frontex; Eurojust; UNHCR; IOM;
G7; G20; BRICS; OECD; League of Arab States; Arab League; Commonwealth; Silk Routes; OIC; World
"""


@cache
def names_by_code() -> Mapping[str, str]:
    """The short name of each partner, by its code of two letters."""
    rows = (row.split(" ", 2) for row in _TABLE.strip().splitlines())
    return MappingProxyType({two: name for two, _, name in rows})


@cache
def _codes_by_name() -> Mapping[str, str]:
    rows = [row.split(" ", 2) for row in _TABLE.strip().splitlines()]
    others = (other.split(" ", 1) for other in _listed(_OTHER_NAMES))
    return MappingProxyType(
        {name: two for two, _, name in rows}
        | {three: two for two, three, _ in rows}
        | {name: two for two, name in others}
    )


def _listed(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(";")]


def partner_of(raw: Any, place: Place, wrong: list[Diagnostic]) -> str | None:
    """A partner's code; None, and a diagnostic, for anything else."""
    if isinstance(raw, str) and raw in names_by_code():
        return raw
    wrong.append(_no_partner(raw, place))
    return None


def _no_partner(raw: Any, place: Place) -> Diagnostic:
    if not isinstance(raw, str):
        help_ = "write a code of two letters, such as `MD`"
        return Diagnostic("unknown-partner", f"a partner cannot be {shown(raw)}", place.span, help_)
    words = raw.strip().removeprefix("the ").removeprefix("The ")
    if words.upper() in {region.upper() for region in _listed(_REGIONS)}:
        return Diagnostic(
            "not-a-country",
            f"`{raw}` is a region or an organisation, not a partner",
            place.span,
            "name one of its countries by its code, such as `MD`",
        )
    return Diagnostic(
        "unknown-partner", f"there is no partner `{raw[:60]}`", place.span, _meant(words)
    )


def _meant(words: str) -> str:
    names, codes = names_by_code(), _codes_by_name()
    code = words.upper() if words.upper() in names else None
    former = _former().get(words.upper())
    if former:
        return former
    if code is None and len(words) > 3:
        name = _nearest_name(words, codes)
        code = codes[name] if name else None
    elif code is None:
        code = codes.get(words.upper())
    if code is None:
        return "write a code of ISO 3166-1 with two letters, such as `MD`; Kosovo is `XK`"
    return f"did you mean `{code}` ({names[code]})?"


def _nearest_name(words: str, names: Iterable[str]) -> str | None:
    """The name most like the words; one that stands among them goes before one that is far off."""
    known = {name.lower(): name for name in names if len(name) > 3}
    close = get_close_matches(words.lower(), known, n=1, cutoff=ALMOST)
    within = [name for name in known if re.search(rf"\b{re.escape(name)}\b", words.lower())]
    found = close or sorted(within, key=len, reverse=True)
    return known[found[0]] if found else nearest(words, known.values())


@cache
def _former() -> Mapping[str, str]:
    """What to say of a code that was withdrawn."""
    told = {}
    for row in _FORMER.strip().splitlines():
        code, rest = row.split(" ", 1)
        stood_for, _, now = rest.partition(": ")
        asked = ", ".join(f"`{one}`" for one in now.split())
        told[code] = (
            f"`{code}` was the code of {stood_for}: ask for a partner of today, such as {asked}"
        )
    return MappingProxyType(told)
