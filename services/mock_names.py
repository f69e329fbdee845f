"""Names of made-up companies and of those who look after them. Word lists, no figures.

A million companies a seed have different names: counting through the words never meets a pair twice.
"""

from typing import Final

from services.vocabulary import Segment


def _words(text: str) -> list[str]:
    return text.split()


_STEMS: Final = _words("""
Acorn Alder Amber Anchor Apple Ash Aspen Autumn Badger Basil Beacon Birch Black Blue Bramble Bright Brook Cedar Cherry
Chestnut Clay Clear Clover Cobalt Copper Coral Cotton Crane Crescent Crystal Dawn Deer Dove Eagle East Elder Elm Ember
Evening Ever Falcon Fern Fir Flint Fox Frost Garnet Ginger Glen Gold Granite Grand Green Grey Hazel Heather Heron High
Holly Honey Indigo Iron Ivory Ivy Jade Jasper Juniper Keen Kestrel Larch Lark Laurel Lilac Lime Linden Lotus Lynx Maple
Marble Marsh Mill Mint Moon Moss Myrtle New North Oak Olive Onyx Opal Orchid Osprey Otter Pearl Pepper Pine Plum Poplar
Quartz Quince Raven Red River Robin Rose Ruby Rust Saffron Sage Salt Sand Silver Slate Snow South Spruce Star Stone
Summer Sun Swan Swift Teal Tern
""")
_ENDINGS: Final = _words("""
acre bank bay beck bend berg bloom bourne bow bridge brow burn bury by castle cliff combe copse cote course court cove
crest croft cross dale dell den down fall fell field fold ford forge garth gate grove hall ham harbour haven head hill
holm holt hurst keep lake land lea leigh ley light line lock mead mere mont moor mouth path peak point pool port ridge
rise rock shore side spring stead stoke thorpe ton vale view wick worth
""")
_INDUSTRIES: Final = {
    "Software": "Software Systems Cloud Labs Data Digital Platforms Interactive Networks Technologies",
    "Financial services": "Capital Bank Insurance Credit Payments Wealth Finance Funds Lending Mutual",
    "Healthcare": "Health Clinics Diagnostics Care Medical Pharma Therapeutics Dental Biotech Hospitals",
    "Manufacturing": "Manufacturing Tools Machinery Components Plastics Steel Packaging Textiles Instruments Robotics",
    "Retail": "Retail Stores Outfitters Markets Goods Grocers Home Fashion Supply Trading",
    "Logistics": "Logistics Freight Shipping Couriers Cargo Transport Warehousing Rail Fleet Distribution",
    "Energy": "Energy Power Solar Wind Utilities Grid Renewables Water Fuels Heat",
    "Education": "Learning Academy Schools Publishing University College Tutors Training Education Press",
    "Media": "Media Studios Broadcasting Games Films Radio Events Music Advertising News",
    "Professional services": "Consulting Partners Legal Advisory Engineering Architects Staffing Design Surveys Audit",
}
_KINDS: Final = [(kind, industry) for industry, kinds in _INDUSTRIES.items() for kind in kinds.split()]
_ALL: Final = len(_STEMS) * len(_ENDINGS) * len(_KINDS)
_STRIDE: Final = 7_654_321
"Shares no divisor with the number of names, so steps of it reach each name once, and neighbours look unalike."

OWNERS: Final = {
    Segment.SMB: ("Chloe Nguyen", "Mateo Rossi"),
    Segment.MID_MARKET: ("Amara Okafor", "Jonas Lindqvist", "Priya Raman"),
    Segment.ENTERPRISE: ("Daniel Weber", "Sofia Marques", "Tom Gallagher"),
}
"Success managers: the larger the customers, the fewer each has."


def company(seed: int, n: int) -> tuple[str, str]:
    """Name and industry of a seed's company `n`, 1 to 1,000,000.

    >>> company(1, 1)
    ('Granitestead College', 'Education')
    """
    at = (n * _STRIDE + seed * 104_729) % _ALL
    at, stem = divmod(at, len(_STEMS))
    at, ending = divmod(at, len(_ENDINGS))
    kind, industry = _KINDS[at]
    return f"{_STEMS[stem]}{_ENDINGS[ending]} {kind}", industry
