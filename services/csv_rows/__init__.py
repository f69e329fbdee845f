"""What a row of an uploaded CSV file may say, and what each cell means: columns, headers, cells, dates, template.

Pure rules on text. Not for reading files (services.ingest.reading) nor for finding the account a row is about.
"""

from services.csv_rows.cells import Bad, Onboarding, Value, fits_a_key, parse
from services.csv_rows.columns import COLUMNS, Column, Template, column_names, template
from services.csv_rows.dates import CONTRADICTED, proof, settle
from services.csv_rows.formulas import disarm, rearm
from services.csv_rows.headers import REPORT_COLUMN, Header, Match, match

__all__ = [
    "COLUMNS",
    "CONTRADICTED",
    "REPORT_COLUMN",
    "Bad",
    "Column",
    "Header",
    "Match",
    "Onboarding",
    "Template",
    "Value",
    "column_names",
    "disarm",
    "fits_a_key",
    "match",
    "parse",
    "proof",
    "rearm",
    "settle",
    "template",
]
