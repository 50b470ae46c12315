//! The report as one page of HTML that loads nothing.

use std::fmt::Write as _;

use super::chart::{Bar, bars, grouped};
use super::count::{OutcomeCounts, Row, TransparencyReport};
use super::escape::html as escape;

/// Rows that a chart shows; the table beneath it shows all.
const CHART_ROWS: usize = 20;

const STYLE: &str = include_str!("style.css");

/// Classes of the parts, in the order of [`OutcomeCounts::parts`].
const CLASSES: [&str; 6] = ["permit", "obliged", "partial", "curable", "deny", "other"];

impl TransparencyReport {
    /// The figures as one page of HTML with charts: no script, nothing loaded from anywhere, fit for printing.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write_html(&mut out);
        out
    }

    fn write_html(&self, out: &mut String) -> std::fmt::Result {
        let title = escape(&self.title);
        write!(
            out,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
             <title>Transparency report: {title}</title><style>{STYLE}</style></head><body><main>\
             <header><p class=\"kind\">Transparency report</p><h1>{title}</h1><p class=\"period\">Searches of licence-plate reads, {}</p></header>",
            escape(&self.period())
        )?;
        self.figures(out)?;
        section(out, "Outcomes", "What was answered to each search.")?;
        legend(out)?;
        let all = Row {
            name: "all decisions".to_owned(),
            counts: self.decisions,
        };
        write!(
            out,
            "{}",
            chart("Decisions by outcome", std::slice::from_ref(&all))
        )?;
        out.push_str("</section>");
        // Purposes are code words of one vocabulary; agencies are names, and stay as they are.
        let readable = |row: &Row| Row {
            name: row.name.replace('_', " "),
            counts: row.counts,
        };
        let purposes: Vec<Row> = self.by_purpose.iter().map(readable).collect();
        outcome_section(
            out,
            "Purposes",
            "For what searches were asked, after the strictest of declared purpose, menu value and reason text.",
            "purpose",
            &purposes,
        )?;
        outcome_section(out, "Agencies", "Who asked.", "agency", &self.by_agency)?;
        outcome_section(
            out,
            "Months",
            "When decisions were made, UTC.",
            "month",
            &self.by_month,
        )?;
        self.rules(out)?;
        self.disclosures(out)?;
        self.deletions(out)?;
        self.revocations(out)?;
        self.community(out)?;
        self.footer(out)?;
        out.push_str("</main></body></html>\n");
        Ok(())
    }

    fn figures(&self, out: &mut String) -> std::fmt::Result {
        let decisions = &self.decisions;
        // Whole per mille in integers: a report must not differ from machine to machine.
        let mille = decisions
            .denied()
            .saturating_mul(1000)
            .checked_div(decisions.total);
        let share = mille.map_or_else(String::new, |mille| {
            format!("{}.{} % of decisions", mille / 10, mille % 10)
        });
        out.push_str("<ul class=\"figures\">");
        for (value, what, more) in [
            (self.requests, "searches asked for", String::new()),
            (decisions.total, "decisions", String::new()),
            (decisions.denied(), "denied", share),
            (
                self.disclosures.reads,
                "reads handed out",
                format!("in {} disclosures", grouped(self.disclosures.count)),
            ),
        ] {
            write!(
                out,
                "<li><b>{}</b><span>{what}</span><small>{more}</small></li>",
                grouped(value)
            )?;
        }
        out.push_str("</ul>");
        Ok(())
    }

    fn rules(&self, out: &mut String) -> std::fmt::Result {
        if self.denied_by_rule.is_empty() {
            return Ok(());
        }
        section(
            out,
            "Denied by rule",
            "Decisions in which a rule denied the search, in whole or for some datasets. Several rules may deny one search.",
        )?;
        let rows: Vec<Bar<'_>> = self
            .denied_by_rule
            .iter()
            .take(CHART_ROWS)
            .map(|row| Bar {
                label: &row.rule,
                parts: vec![("deny", "", row.decisions)],
            })
            .collect();
        out.push_str(&bars("Decisions denied by rule", &rows));
        table_head(
            out,
            &["rule", "authority", "kind of authority", "decisions"],
            3,
        )?;
        for row in &self.denied_by_rule {
            write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>",
                escape(&row.rule),
                escape(&row.citation),
                escape(&row.authority_kind.replace('_', " ")),
                grouped(row.decisions)
            )?;
        }
        out.push_str("</tbody></table></div></section>");
        Ok(())
    }

    fn disclosures(&self, out: &mut String) -> std::fmt::Result {
        let sum = &self.disclosures;
        section(out, "Disclosures", "What left the system, and to whom.")?;
        write!(
            out,
            "<p>{} disclosures handed out {} reads. {} reads were found past their retention cap and withheld.</p>",
            grouped(sum.count),
            grouped(sum.reads),
            grouped(sum.retention_faults)
        )?;
        if !sum.by_recipient.is_empty() {
            table_head(out, &["recipient", "disclosures"], 1)?;
            for (recipient, count) in &sum.by_recipient {
                write!(
                    out,
                    "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
                    escape(recipient),
                    grouped(*count)
                )?;
            }
            out.push_str("</tbody></table></div>");
        }
        out.push_str("</section>");
        Ok(())
    }

    fn deletions(&self, out: &mut String) -> std::fmt::Result {
        if self.deletions.is_empty() {
            return Ok(());
        }
        section(out, "Deletions", "Reads deleted when their time was up.")?;
        table_head(out, &["rule", "authority", "reads"], 2)?;
        for row in &self.deletions {
            write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td class=\"n\">{}</td></tr>",
                escape(&row.rule),
                escape(&row.citation),
                grouped(row.deleted)
            )?;
        }
        out.push_str("</tbody></table></div></section>");
        Ok(())
    }

    fn revocations(&self, out: &mut String) -> std::fmt::Result {
        if self.revocations.is_empty() {
            return Ok(());
        }
        section(
            out,
            "Revocations",
            "Access that was taken away or given back.",
        )?;
        table_head(out, &["date", "revocation", "agencies", "reason"], 9)?;
        for row in &self.revocations {
            write!(
                out,
                "<tr><td class=\"d\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                row.at.strftime("%Y-%m-%d"),
                escape(&row.id),
                escape(&row.agencies.join(", ")),
                escape(&row.reason)
            )?;
        }
        out.push_str("</tbody></table></div></section>");
        Ok(())
    }

    fn community(&self, out: &mut String) -> std::fmt::Result {
        if self.community.is_empty() {
            return Ok(());
        }
        section(
            out,
            "Community requests",
            "Steps of requests to residents for footage. Who did not answer is not counted anywhere.",
        )?;
        table_head(out, &["step", "count"], 1)?;
        for (step, count) in &self.community {
            write!(
                out,
                "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
                escape(&step.replace('_', " ")),
                grouped(*count)
            )?;
        }
        out.push_str("</tbody></table></div></section>");
        Ok(())
    }

    fn footer(&self, out: &mut String) -> std::fmt::Result {
        out.push_str("<footer>");
        if self.unreadable > 0 {
            write!(
                out,
                "<p>{} records could not be read by this version and are counted nowhere above.</p>",
                grouped(self.unreadable)
            )?;
        }
        if let Some(trail) = &self.trail {
            write!(
                out,
                "<p>Counted over audit trail <code>{}</code>: {} records, {} covered by signed checkpoints; hash of the last <code>{}</code>.</p>",
                escape(&trail.log_id),
                grouped(trail.records),
                grouped(trail.vouched),
                trail.head
            )?;
        }
        out.push_str("<p>The report names agencies, purposes and rules; no plate, person or case. Not legal advice.</p></footer>");
        Ok(())
    }
}

fn section(out: &mut String, title: &str, what: &str) -> std::fmt::Result {
    write!(out, "<section><h2>{title}</h2><p class=\"what\">{what}</p>")
}

fn legend(out: &mut String) -> std::fmt::Result {
    out.push_str("<ul class=\"legend\">");
    for ((name, _), class) in OutcomeCounts::default().parts().iter().zip(CLASSES) {
        write!(out, "<li><i class=\"{class}\"></i>{name}</li>")?;
    }
    out.push_str("</ul>");
    Ok(())
}

fn outcome_section(
    out: &mut String,
    title: &str,
    what: &str,
    column: &str,
    rows: &[Row],
) -> std::fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    section(out, title, what)?;
    let shown = rows.get(..CHART_ROWS).unwrap_or(rows);
    out.push_str(&chart(title, shown));
    if shown.len() < rows.len() {
        write!(
            out,
            "<p class=\"what\">The chart shows the first {CHART_ROWS} of {}; the table shows all.</p>",
            rows.len()
        )?;
    }
    let names = OutcomeCounts::default().parts().map(|(name, _)| name);
    let columns: Vec<&str> = [column, "total"].into_iter().chain(names).collect();
    table_head(out, &columns, 1)?;
    for row in rows {
        write!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td>",
            escape(&row.name),
            grouped(row.counts.total)
        )?;
        for (_, count) in row.counts.parts() {
            write!(out, "<td class=\"n\">{}</td>", grouped(count))?;
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div></section>");
    Ok(())
}

fn chart(title: &str, rows: &[Row]) -> String {
    let parts = |counts: &OutcomeCounts| {
        counts
            .parts()
            .into_iter()
            .zip(CLASSES)
            .map(|((name, value), class)| (class, name, value))
            .collect()
    };
    let rows: Vec<Bar<'_>> = rows
        .iter()
        .map(|row| Bar {
            label: &row.name,
            parts: parts(&row.counts),
        })
        .collect();
    bars(title, &rows)
}

/// Head of a table whose columns from `numbers` on are right-aligned.
fn table_head(out: &mut String, columns: &[&str], numbers: usize) -> std::fmt::Result {
    out.push_str("<div class=\"scroll\"><table><thead><tr>");
    for (index, column) in columns.iter().enumerate() {
        let class = if index >= numbers { " class=\"n\"" } else { "" };
        write!(out, "<th scope=\"col\"{class}>{column}</th>")?;
    }
    out.push_str("</tr></thead><tbody>");
    Ok(())
}
