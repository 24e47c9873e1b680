"""Verdicts as CSV: one row a verdict, numbers that read back."""

import csv
import io

from theorycheck.reporting.text import COLUMNS, verdicts_csv


def rows(records):
    return list(csv.DictReader(io.StringIO(verdicts_csv(records))))


def test_every_verdict_is_a_row(made_up_results):
    records = made_up_results["verdicts"]
    read = rows(records)
    assert [(row["theorem"], row["claim"], row["outcome"], row["reason"]) for row in read] == [
        (one["theorem"], one["claim"], one["outcome"], one["reason"]) for one in records
    ]


def test_numbers_read_back_as_they_are(made_up_results):
    records = made_up_results["verdicts"]
    place = next(i for i, one in enumerate(records) if one["claim"] == "no-noise")
    row, record = rows(records)[place], records[place]
    assert float(row["slope"]) == record["slope"]
    assert [float(row["slope_low"]), float(row["slope_high"])] == record["slope_interval"]
    assert float(row["constant_quantile_0.9"]) == record["implied_constant"]["quantile_0.9"]
    assert float(row["holds_from_median"]) == record["holds_from"]["median"]
    assert (int(row["runs"]), int(row["total"])) == (record["runs"], record["total"])


def test_what_is_missing_is_empty(made_up_results):
    lemma = next(one for one in made_up_results["verdicts"] if "exact" in one)
    (row,) = rows([lemma])
    assert float(row["failure_high"]) == lemma["failure_interval"][1]
    assert (row["slope"], row["slope_low"], row["along"]) == ("", "", "")
    assert rows([{}]) == [dict.fromkeys(COLUMNS, "")]


def test_words_with_commas_and_line_breaks_stay_one_field():
    reason = 'a, "b"\nc'
    assert rows([{"reason": reason}])[0]["reason"] == reason
