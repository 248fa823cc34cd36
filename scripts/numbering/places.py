"""Places that no package tells: states with their zones, countries' codes, codes that span zones.

Zones are those of the IANA database. A state's first zone is where most of its people live.
"""

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
)
ATLANTIC, PUERTO_RICO = "America/Halifax", "America/Puerto_Rico"
GUAM, SAMOA = "Pacific/Guam", "Pacific/Pago_Pago"

STATES: dict[str, tuple[str, tuple[str, ...]]] = {
    "AK": ("Alaska", ("America/Anchorage", "America/Adak")),
    "AL": ("Alabama", (CENTRAL,)),
    "AR": ("Arkansas", (CENTRAL,)),
    "AS": ("American Samoa", (SAMOA,)),
    "AZ": ("Arizona", ("America/Phoenix", MOUNTAIN)),
    "CA": ("California", (PACIFIC,)),
    "CO": ("Colorado", (MOUNTAIN,)),
    "CT": ("Connecticut", (EASTERN,)),
    "DC": ("Washington D.C.", (EASTERN,)),
    "DE": ("Delaware", (EASTERN,)),
    "FL": ("Florida", (EASTERN, CENTRAL)),
    "GA": ("Georgia", (EASTERN,)),
    "GU": ("Guam", (GUAM,)),
    "HI": ("Hawaii", ("Pacific/Honolulu",)),
    "IA": ("Iowa", (CENTRAL,)),
    "ID": ("Idaho", (MOUNTAIN, PACIFIC)),
    "IL": ("Illinois", (CENTRAL,)),
    "IN": ("Indiana", (EASTERN, CENTRAL)),
    "KS": ("Kansas", (CENTRAL, MOUNTAIN)),
    "KY": ("Kentucky", (EASTERN, CENTRAL)),
    "LA": ("Louisiana", (CENTRAL,)),
    "MA": ("Massachusetts", (EASTERN,)),
    "MD": ("Maryland", (EASTERN,)),
    "ME": ("Maine", (EASTERN,)),
    "MI": ("Michigan", (EASTERN, CENTRAL)),
    "MN": ("Minnesota", (CENTRAL,)),
    "MO": ("Missouri", (CENTRAL,)),
    "MP": ("Northern Mariana Islands", (GUAM,)),
    "MS": ("Mississippi", (CENTRAL,)),
    "MT": ("Montana", (MOUNTAIN,)),
    "NC": ("North Carolina", (EASTERN,)),
    "ND": ("North Dakota", (CENTRAL, MOUNTAIN)),
    "NE": ("Nebraska", (CENTRAL, MOUNTAIN)),
    "NH": ("New Hampshire", (EASTERN,)),
    "NJ": ("New Jersey", (EASTERN,)),
    "NM": ("New Mexico", (MOUNTAIN,)),
    "NV": ("Nevada", (PACIFIC, MOUNTAIN)),
    "NY": ("New York", (EASTERN,)),
    "OH": ("Ohio", (EASTERN,)),
    "OK": ("Oklahoma", (CENTRAL,)),
    "OR": ("Oregon", (PACIFIC, MOUNTAIN)),
    "PA": ("Pennsylvania", (EASTERN,)),
    "PR": ("Puerto Rico", (PUERTO_RICO,)),
    "RI": ("Rhode Island", (EASTERN,)),
    "SC": ("South Carolina", (EASTERN,)),
    "SD": ("South Dakota", (CENTRAL, MOUNTAIN)),
    "TN": ("Tennessee", (CENTRAL, EASTERN)),
    "TX": ("Texas", (CENTRAL, MOUNTAIN)),
    "UT": ("Utah", (MOUNTAIN,)),
    "VA": ("Virginia", (EASTERN,)),
    "VI": ("Virgin Islands", (PUERTO_RICO,)),
    "VT": ("Vermont", (EASTERN,)),
    "WA": ("Washington", (PACIFIC,)),
    "WI": ("Wisconsin", (CENTRAL,)),
    "WV": ("West Virginia", (EASTERN,)),
    "WY": ("Wyoming", (MOUNTAIN,)),
}

PROVINCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "AB": ("Alberta", ("America/Edmonton",)),
    "BC": ("British Columbia", ("America/Vancouver", "America/Edmonton")),
    "MB": ("Manitoba", ("America/Winnipeg",)),
    "NB": ("New Brunswick", ("America/Moncton",)),
    "NL": ("Newfoundland and Labrador", ("America/St_Johns", ATLANTIC)),
    "NS": ("Nova Scotia and Prince Edward Island", (ATLANTIC,)),
    "NT": ("Northwest Territories, Nunavut, Yukon", ("America/Yellowknife",)),
    "ON": ("Ontario", ("America/Toronto", "America/Winnipeg")),
    "QC": ("Quebec", ("America/Toronto", PUERTO_RICO)),
    "SK": ("Saskatchewan", ("America/Regina",)),
}
"""As area codes divide the country: that of Nova Scotia is Prince Edward Island's too."""

OTHER_NAMES = {
    "Washington State": "WA",
    "British Colombia": "BC",
    "Nova Scotia/Prince Edward Island": "NS",
    "Northwest Territories/Nunavut/Yukon": "NT",
    "New Brunswick": "NB",
}
"""How phonenumbers writes some of them."""

SPANNING = {
    "867": "America/Yellowknife",
    "907": "America/Anchorage",
    "709": "America/St_Johns",
    "879": "America/St_Johns",
    "986": "America/Boise",
    "448": CENTRAL,
    "689": EASTERN,
    "364": CENTRAL,
    "930": EASTERN,
    "775": PACIFIC,
    "418": "America/Toronto",
    "367": "America/Toronto",
}
"""Area codes for which the exchanges that are known do not say, or say wrongly, where most people live."""

SPANNING_WIDELY = ("867",)
"""Area codes whose other places are in no zone that the state was declared to have."""

MEXICAN_ZONES = {
    "BC": "America/Tijuana",
    "BCS": "America/Mazatlan",
    "CHIH": "America/Chihuahua",
    "NAY": "America/Mazatlan",
    "QROO": "America/Cancun",
    "SIN": "America/Mazatlan",
    "SON": "America/Hermosillo",
}
"""The rest of the country has the time of its capital."""
MEXICAN_MAIN = "America/Mexico_City"

MEXICAN_CODES = {
    **dict.fromkeys(("862", "877", "878"), ("COAH", "America/Matamoros")),
    **dict.fromkeys(("867", "868", "891", "894", "897", "899"), ("TAMP", "America/Matamoros")),
    "329": ("NAY", "America/Bahia_Banderas"),
    "427": ("QRO", MEXICAN_MAIN),
    "446": ("QRO", MEXICAN_MAIN),
    "479": ("GTO", MEXICAN_MAIN),
    **dict.fromkeys((f"56{n}" for n in range(10)), ("CDMX", MEXICAN_MAIN)),
    **dict.fromkeys(("663", "664"), ("BC", "America/Tijuana")),
    "626": ("CHIH", "America/Ojinaga"),
    "656": ("CHIH", "America/Ciudad_Juarez"),
    "987": ("QROO", "America/Cancun"),
}
"""Area codes at the border of the United States, which keep its summer time; and those that are not named,
or ambiguously."""

_MEXICAN_NAMES = """
AGS: Aguascalientes
BC: BCN, Baja California
BCS: Baja California Sur
CAMP: Campeche
CDMX: FD
CHIH: Chihuahua
CHIS: Chiapas, Tuxtla Gutierrez
COAH: Coahuila
COL: Colima
DGO: Durango
GRO: Guerrero
GTO: Guanajuato
HGO: Hidalgo
JAL: Guadalajara, Jalisco
MEX: Estado de Mexico, Mexico, Toluca
MICH: Michoacan, Morelia
MOR: Cuernavaca, Morelos
NAY: Nayarit
NL: Monterrey, Nuevo Leon
OAX: Oaxaca
PUE: Puebla
QRO: Queretaro
QROO: Quintana Roo
SIN: Culiacan, Sinaloa
SLP: San Luis Potosi
SON: Sonora
TAB: Tabasco
TAMP: Nuevo Laredo, TAMPS, Tamaulipas
TLAX: Tlaxcala
VER: Veracruz
YUC: Merida, Yucatan
ZAC: Zacatecas
"""
MEXICAN_STATES = {
    name: state
    for state, names in (line.split(": ") for line in _MEXICAN_NAMES.strip().splitlines())
    for name in names.split(", ")
}
"""Names as phonenumbers has them, and the codes of at most four letters that the table holds."""

AUSTRALIAN_STATES = (
    ("2", "NSW", "New South Wales", "Australia/Sydney"),
    ("2", "ACT", "Australian Capital Territory", "Australia/Sydney"),
    ("3", "VIC", "Victoria", "Australia/Melbourne"),
    ("3", "TAS", "Tasmania", "Australia/Hobart"),
    ("7", "QLD", "Queensland", "Australia/Brisbane"),
    ("8", "SA", "South Australia", "Australia/Adelaide"),
    ("8", "WA", "Western Australia", "Australia/Perth"),
    ("8", "NT", "Northern Territory", "Australia/Darwin"),
)

MAIN_ZONES = {
    "BR": "America/Sao_Paulo",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "MN": "Asia/Ulaanbaatar",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "AC": "Atlantic/St_Helena",
    "XK": "Europe/Belgrade",
}
"""Where most people of a country live that has several zones, or none of its own in the database."""

UNLISTED_COUNTRIES = {"AC": "Ascension Island", "XK": "Kosovo"}
"""Countries with a code for calls and none in the list of the time zone database."""
