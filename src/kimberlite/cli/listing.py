"""The list of certificates on the command line: `certificate list`, narrowed as is needed."""

from __future__ import annotations

from typing import Any

import click

from kimberlite.certificates.projection import Query
from kimberlite.certificates.transitions import Status
from kimberlite.cli.output import Output, table
from kimberlite.kernel.days import parse_day, show_day
from kimberlite.node.dues import dues, overdue_keys
from kimberlite.node.home import Home
from kimberlite.node.view import View


@click.command("list")
@click.option("--issuer", metavar="CODE", help="Only certificates of this participant.")
@click.option("--receiver", metavar="CODE", help="Only those presented to this participant.")
@click.option("--status", type=click.Choice([each.word for each in Status]), help="Only these.")
@click.option("--findings", "with_findings", is_flag=True, help="Only those with findings.")
@click.option("--alerts", "with_alerts", is_flag=True, help="Only those with open alerts.")
@click.option("--paper/--native", default=None, help="Taken down from foreign paper, or not.")
@click.option("--expired", is_flag=True, help="Only those that expired before they were used.")
@click.option("--overdue", is_flag=True, help="Only those of which something is late.")
@click.option("--from", "first", metavar="DAY", help="Issued on this day or later.")
@click.option("--to", "last", metavar="DAY", help="Issued on this day or earlier.")
@click.option("--most", default=50, show_default=True, help="How many to list, at most 500.")
@click.pass_context
def list_command(ctx: click.Context, /, **asked: Any) -> None:
    """List certificates that the log holds, the latest first."""
    out: Output = ctx.obj
    view = View(Home(out.folder))
    today = view.today()
    told = {name: value for name, value in asked.items() if name not in {"expired", "overdue"}}
    for name in ("first", "last"):
        told[name] = None if told[name] is None else parse_day(told[name])
    query = Query(
        **told,
        expired_on=today if asked["expired"] else None,
        keys=overdue_keys(dues(view), today) if asked["overdue"] else None,
    )
    found = view.certificates(query)
    heads = ("number", "issuer", "status", "issued", "expires", "findings", "alerts", "paper")
    rows = [
        (
            each.number,
            each.issuer,
            each.status,
            show_day(each.issued),
            show_day(each.expires),
            str(each.findings or ""),
            str(each.alerts or ""),
            "paper" if each.paper else "",
        )
        for each in found
    ]
    out.show([dict(zip(heads, row, strict=True)) for row in rows], lambda: table(heads, rows))
