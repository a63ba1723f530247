"""Files of rows in three formats: read as they are meant, refused where that cannot be known."""

from __future__ import annotations

import io
from datetime import date, datetime

import openpyxl
import pytest

from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake import cells
from kimberlite.node.intake.columns import KINDS
from kimberlite.node.intake.preview import read
from kimberlite.node.intake.tables import MOST_BYTES, Bad, Manner, Number, Table
from kimberlite.node.intake.templates import template, written
from tests.helpers.sheets import as_csv, as_json, as_xlsx, broken, papers, zipped

KNOWN = frozenset(each.name for columns in KINDS.values() for each in columns)
MANNER = Manner(known=KNOWN)
ROWS = papers(3)


def table(data: bytes, **how: str) -> Table:
    return read(data, Manner(known=KNOWN, **how))


def refused(data: bytes, **how: str) -> str:
    with pytest.raises(Invalid) as bad:
        table(data, **how)
    return bad.value.code


def test_three_formats_say_the_same() -> None:
    head = list(ROWS[0])
    sheet = as_xlsx([head, *(list(row.values()) for row in ROWS)])
    found = [table(each) for each in (as_csv(ROWS), as_json(ROWS), sheet)]
    assert [each.format for each in found] == ["csv", "json", "xlsx"]
    assert {each.header for each in found} == {tuple(head)}
    assert {tuple(row.cells for row in each.rows) for each in found} == {
        tuple(tuple(row.values()) for row in ROWS)
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_are_found(delimiter: str, encoding: str) -> None:
    rows = papers(1, exporter="Société Ünïté; «Алмаз», 钻石")
    found = table(as_csv(rows, delimiter, encoding))
    assert found.delimiter == delimiter
    assert "Société Ünïté; «Алмаз», 钻石" in found.rows[0].cells


def test_a_code_page_is_named_never_guessed() -> None:
    data = as_csv(papers(1, exporter="Алмаз"), encoding="windows-1251")
    assert refused(data) == "intake.encoding"
    assert refused(data, encoding="rot13") == "intake.encoding"
    assert "Алмаз" in table(data, encoding="windows-1251").rows[0].cells


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "intake.empty"),
        (b" \n ", "intake.empty"),
        (b"number,issued\n", "intake.empty"),
        (b"one,two\n1,2\n", "intake.delimiter"),
        (b'number,issued\n"XC1,2026-01-01\n', "intake.csv"),
        (b"number,issued\n" + b"x" * 5000 + b",1\n", "intake.csv"),
        (b"number" + b",x" * 130 + b"\nXC1\n", "intake.too-many-columns"),
        (b"%PDF-1.7", "intake.format"),
        (b"\xd0\xcf\x11\xe0old", "intake.format"),
        (b"[1, 2]", "intake.json"),
        (b"{}", "intake.json"),
        (b'[{"number": "a", "Number": "b"}]', "intake.json"),
        (b"[" * 100_000, "intake.json"),
        (b"[{}]", "intake.no-header"),
        (b'{"rows": []}', "intake.no-header"),
        (b"x" * (MOST_BYTES + 1), "intake.too-large"),
        (b"PK\x03\x04not a zip", "intake.xlsx"),
    ],
)
def test_files_that_are_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_too_many_rows_are_refused() -> None:
    assert refused(b"number,issued\n" + b"XC1,x\n" * 50_001) == "intake.too-many-rows"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=1+1", "intake.formula"),
        ("@SUM(A1)", "intake.formula"),
        ("+A1", "intake.formula"),
        ("-cmd", "intake.formula"),
        ("x" * 501, "intake.too-long"),
        ("a\x07b", "intake.control"),
        ("a\u202eb", "intake.control"),
    ],
)
def test_cells_that_are_refused(text: str, code: str) -> None:
    found = table(as_json([{"number": "XC1", "note": text}]))
    assert found.rows[0].cells == ("XC1", Bad(code))


@pytest.mark.parametrize("text", ["-", "-5", "+27 11 123", "***", "a=b", "a\u00a0b"])
def test_cells_that_only_look_odd_are_taken(text: str) -> None:
    assert table(as_json([{"number": text}])).rows[0].cells == (text,)


def test_json_numbers_stay_exact() -> None:
    found = table(b'[{"number": 1203.45, "note": true, "kind": null, "form": [1]}]').rows[0]
    assert found.cells == (Number("1203.45"), "yes", "", Bad("intake.nested"))


# --- spreadsheets ------------------------------------------------------------------------------


def test_a_spreadsheet_tells_numbers_days_and_formulas_apart() -> None:
    row = [1203.45, 7, date(2026, 1, 31), datetime(2026, 1, 31), True, "=A2*2", " text ", None]  # noqa: DTZ001
    found = table(as_xlsx([[f"c{at}" for at in range(8)], row])).rows[0]
    assert found.number == 2
    assert found.cells[:2] == (Number("1203.45"), Number("7"))
    assert [each.day for each in found.cells[2:4] if isinstance(each, Number)] == ["2026-01-31"] * 2
    assert found.cells[4:] == ("yes", Bad("intake.formula"), "text", "")


def test_a_sheet_is_chosen_by_name() -> None:
    data = as_xlsx([["number"], ["XC1"]], "Papers")
    assert table(data, sheet="Papers").sheet == "Papers"
    assert refused(data, sheet="Other") == "intake.sheet"


SHARED = (
    "<sst><si><t>number</t></si><si><r><t>XC</t></r><r><t>1</t></r><rPh><t>x</t></rPh></si></sst>"
)


def test_shared_strings_and_other_namespaces() -> None:
    sheet = (
        '<x:worksheet xmlns:x="s"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>'
        '<x:row r="5"><x:c r="A5" t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    found = table(broken(sheet, sharedStrings=SHARED))
    assert (found.header, found.rows[0].number, found.rows[0].cells) == (("number",), 5, ("XC1",))


BOMB = b"<worksheet>" + b" " * (200 << 20)
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (broken(BOMB), "intake.inflated"),
        (broken(ENTITIES), "intake.xlsx"),
        (broken("<worksheet><row>"), "intake.xlsx"),
        (broken('<w><row><c r="XFD1048576"><v>1</v></c></row></w>'), "intake.too-many-columns"),
        (broken('<w><row><c r="1A"><v>1</v></c></row></w>'), "intake.xlsx"),
        (broken('<w><row><c t="s"><v>9</v></c></row></w>'), "intake.xlsx"),
        (broken('<w><row><c t="s"><v>x</v></c></row></w>'), "intake.xlsx"),
        (broken("<w><row><c><v>1</v></c></row></w>"), "intake.no-header"),
        (broken("<w/>", book="<workbook/>"), "intake.sheet"),
        (
            broken("<w/>", book='<workbook><sheets><sheet name="a"/></sheets></workbook>'),
            "intake.xlsx",
        ),
        (
            broken("<w/>", links='<R><Relationship Id="x" Target="../../etc/passwd"/></R>'),
            "intake.xlsx",
        ),
        (zipped({"a.txt": "x"}), "intake.xlsx"),
        (zipped({f"{at}": "" for at in range(2_001)}), "intake.xlsx"),
    ],
)
def test_spreadsheets_that_are_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


# --- cells as values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("1234.56", "", "1234.56"),
        ("1234,56", "", "1234.56"),
        ("1,234.50", "", "1234.50"),
        ("1.234,5", "", "1234.50"),
        ("1 234 567,8", "", "1234567.80"),
        ("1\u202f234", "", "1234.00"),
        ("1'234.5", "", "1234.50"),
        ("1,234,567", "", "1234567.00"),
        ("12345,678", "", None),
        ("1,234", ",", None),
        ("1,234", ".", "1234.00"),
        ("1.234", ",", "1234.00"),
        ("0.125", "", None),
        ("7.500", "", None),
        ("7.500", ".", "7.50"),
        ("12", "", "12.00"),
        ("1,23,456", "", None),
        ("12 34", "", None),
        ("5.", "", None),
        ("1e5", "", None),
        ("-5", "", None),
        ("٣٤", "", None),
        ("1..5", "", None),
        ("", "", None),
    ],
)
def test_amounts(text: str, decimal: str, told: str | None) -> None:
    if told is not None:
        assert cells.amount(text, decimal) == told
        return
    with pytest.raises(Invalid) as bad:
        cells.amount(text, decimal)
    assert bad.value.code in {"intake.number", "intake.number-ambiguous", "intake.decimals"}


def test_what_may_mean_two_amounts_is_refused() -> None:
    with pytest.raises(Invalid, match=r"intake\.number-ambiguous"):
        cells.amount("1,234", "")


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("1203.4500000000001", "1203.45"),
        ("0.30000000000000004", "0.30"),
        ("1E3", "1000.00"),
        ("1.5e-1", "0.15"),
        ("9999999999.99", "9999999999.99"),
    ],
)
def test_numbers_of_a_spreadsheet_lose_their_binary_tail(number: str, told: str) -> None:
    assert cells.amount(Number(number), "") == told


@pytest.mark.parametrize("number", ["0.125", "1e300", "nan", "inf", "-1", "1e-300", "abc"])
def test_numbers_that_are_refused(number: str) -> None:
    with pytest.raises(Invalid) as bad:
        cells.amount(Number(number), "")
    assert bad.value.code.startswith("intake.")


@pytest.mark.parametrize("text", ["03/04/2026", "3.4.2026", "20260403", "2026-13-01", "46000"])
def test_days_that_may_mean_others_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"intake\.day"):
        cells.day(text, "")
    with pytest.raises(Invalid, match=r"intake\.day"):
        cells.day(Number("46000"), "")


def test_origins() -> None:
    assert cells.origins("***", "") == ("mixed-undisclosed", [])
    assert cells.origins("xa", "") == ("single", [{"country": "XA"}])
    assert cells.origins("XA; XB", "")[0] == "mixed-listed"
    shares = [{"country": "XA", "share": 605}, {"country": "XB", "share": 395}]
    assert cells.origins("XA:60.5;XB:39,5%", "") == ("mixed-shares", shares)
    for text in ("XA:60;XB:30", "XA;XA", "Adamantia", ";", "XA:60;XB"):
        with pytest.raises(Invalid, match=r"intake\.origin"):
            cells.origins(text, "")


@pytest.mark.parametrize("kind", [*KINDS])
def test_templates_read_as_what_they_are(kind: str) -> None:
    head = template(kind).decode("utf-8-sig").strip()
    assert table(template(kind, "json")).header
    assert set(head.split(",")) <= KNOWN
    with pytest.raises(Invalid):
        template(kind, "docx")


@pytest.mark.parametrize("kind", [*KINDS])
def test_a_template_opens_in_other_programs_and_comes_back_filled_in(kind: str) -> None:
    made = template(kind, "xlsx")
    assert made == template(kind, "xlsx")
    assert refused(made) == "intake.empty"
    book = openpyxl.load_workbook(io.BytesIO(made))
    sheet = book.active
    head = [each.name for each in KINDS[kind]]
    assert [each.value for each in sheet[1]] == head
    sheet.append([each.example for each in KINDS[kind]])
    out = io.BytesIO()
    book.save(out)
    found = table(out.getvalue())
    assert found.header == tuple(head)
    assert found.rows[0].cells[0] == KINDS[kind][0].example


def test_what_is_written_runs_nothing() -> None:
    assert written([["=1+1", "@x", "-y", "plain"]]).decode("utf-8-sig") == "'=1+1,'@x,'-y,plain\r\n"
