"""Two portfolios as one statement would answer them: one under strain, one that is well."""

from collections.abc import Mapping

from services.portfolio_facts import Picture

STRAINED: Picture = {
    "account_count": 48,
    "scored_accounts": 44,
    "total_arr": "6120000.00",
    "average_score": "61.4",
    "arr_weighted_score": "55.8",
    "by_bucket": [
        {"bucket": "GREEN", "accounts": 17, "arr": "2050000.00", "share_of_arr": "0.3350"},
        {"bucket": "AMBER", "accounts": 16, "arr": "1890000.00", "share_of_arr": "0.3088"},
        {"bucket": "RED", "accounts": 11, "arr": "1960000.00", "share_of_arr": "0.3203"},
        {"bucket": "UNKNOWN", "accounts": 4, "arr": "220000.00", "share_of_arr": "0.0359"},
    ],
    "by_segment": [
        {"segment": "SMB", "accounts": 20, "arr": "310000.00", "average_score": "66.0"},
        {"segment": "MID_MARKET", "accounts": 18, "arr": "1810000.00", "average_score": "63.2"},
        {"segment": "ENTERPRISE", "accounts": 10, "arr": "4000000.00", "average_score": "49.7"},
    ],
    "renewals": [
        {"window": "OVERDUE", "accounts": 2, "arr": "150000.00", "arr_in_red": "64000.00"},
        {"window": "D0_30", "accounts": 3, "arr": "390000.00", "arr_in_red": "210000.00"},
        {"window": "D31_60", "accounts": 4, "arr": "1010000.00", "arr_in_red": "840000.00"},
        {"window": "D61_90", "accounts": 0, "arr": "0.00", "arr_in_red": "0.00"},
        {"window": "D91_180", "accounts": 9, "arr": "1200000.00", "arr_in_red": "96000.00"},
        {"window": "LATER", "accounts": 28, "arr": "3270000.00", "arr_in_red": "750000.00"},
        {"window": "NONE", "accounts": 2, "arr": "100000.00", "arr_in_red": "0.00"},
    ],
    "arr_in_red": "1960000.00",
    "arr_in_red_or_amber": "3850000.00",
    "arr_at_risk": "1390000.00",
    "before": {
        "day": "2026-03-01", "accounts": 47, "arr": "6050000.00", "average_score": "64.0",
        "arr_in_red": "1120000.00", "arr_in_amber": "2310000.00",
    },
    "top_risks": [
        {"name": "Northwind Freight", "arr": "840000.00", "score": "20.7", "bucket": "RED", "renewal_date": "2026-05-11",
         "signals": [{"code": "RENEWAL_AT_RISK", "severity": "HIGH"}, {"code": "USAGE_DROP", "severity": "HIGH"}]},
        {"name": "Castellan", "arr": "210000.00", "score": "45.3", "bucket": "RED", "renewal_date": "2026-04-17",
         "signals": [{"code": "RENEWAL_AT_RISK", "severity": "HIGH"}]},
        {"name": "Ironbridge Rail", "arr": "330000.00", "score": "67.1", "bucket": "AMBER", "renewal_date": "2026-11-26",
         "signals": [{"code": "CRITICAL_SUPPORT", "severity": "HIGH"}]},
        {"name": "Orchard & Sons", "arr": "64000.00", "score": "66.1", "bucket": "AMBER", "renewal_date": "2026-03-19",
         "signals": [{"code": "RENEWAL_OVERDUE", "severity": "HIGH"}]},
        {"name": "Tessera", "arr": "120000.00", "score": "44.0", "bucket": "RED", "renewal_date": None, "signals": []},
    ],
}  # fmt: skip
WELL: Picture = {
    "account_count": 12,
    "scored_accounts": 12,
    "total_arr": "1480000.00",
    "average_score": "82.6",
    "arr_weighted_score": "84.1",
    "by_bucket": [
        {"bucket": "GREEN", "accounts": 11, "arr": "1390000.00", "share_of_arr": "0.9392"},
        {"bucket": "AMBER", "accounts": 1, "arr": "90000.00", "share_of_arr": "0.0608"},
        {"bucket": "RED", "accounts": 0, "arr": "0.00", "share_of_arr": "0.0000"},
        {"bucket": "UNKNOWN", "accounts": 0, "arr": "0.00", "share_of_arr": "0.0000"},
    ],
    "by_segment": [
        {"segment": "SMB", "accounts": 0, "arr": "0.00", "average_score": None},
        {"segment": "MID_MARKET", "accounts": 8, "arr": "640000.00", "average_score": "81.0"},
        {"segment": "ENTERPRISE", "accounts": 4, "arr": "840000.00", "average_score": "85.8"},
    ],
    "renewals": [
        {"window": "OVERDUE", "accounts": 0, "arr": "0.00", "arr_in_red": "0.00"},
        {"window": "D0_30", "accounts": 1, "arr": "110000.00", "arr_in_red": "0.00"},
        {"window": "LATER", "accounts": 11, "arr": "1370000.00", "arr_in_red": "0.00"},
    ],
    "arr_in_red": "0.00",
    "arr_in_red_or_amber": "90000.00",
    "arr_at_risk": "0.00",
    "before": {
        "day": "2026-03-01", "accounts": 12, "arr": "1420000.00", "average_score": "79.9",
        "arr_in_red": "70000.00", "arr_in_amber": "90000.00",
    },
    "top_risks": [
        {"name": "Marlowe Print", "arr": "90000.00", "score": "65.0", "bucket": "AMBER", "renewal_date": "2026-11-26",
         "signals": []},
    ],
}  # fmt: skip

PORTFOLIOS: Mapping[str, Picture] = {"portfolio_under_strain": STRAINED, "portfolio_that_is_well": WELL}
