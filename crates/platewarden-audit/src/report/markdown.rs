//! The report as Markdown.

use std::fmt::Write as _;

use super::count::{OutcomeCounts, Row, TransparencyReport};

const OUTCOME_COLUMNS: &str =
    "total | permit | with obligations | partial | deny (curable) | deny | other";

impl TransparencyReport {
    /// The figures as Markdown, for a repository or a web site.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = self.write_markdown(&mut out);
        out
    }

    fn write_markdown(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# Transparency report: {}\n", escape(&self.title))?;
        writeln!(
            out,
            "Period: {}. Searches asked for: {}. Decisions: {}, of which denied: {}.\n",
            self.period(),
            self.requests,
            self.decisions.total,
            self.decisions.denied()
        )?;
        writeln!(
            out,
            "## Outcomes\n\n| {OUTCOME_COLUMNS} |\n|---:|---:|---:|---:|---:|---:|---:|"
        )?;
        writeln!(out, "| {} |\n", cells(&self.decisions))?;
        table(out, "Purposes", "purpose", &self.by_purpose)?;
        table(out, "Agencies", "agency", &self.by_agency)?;
        table(out, "Months", "month", &self.by_month)?;
        self.rules_markdown(out)?;
        self.disclosures_markdown(out)?;
        self.events_markdown(out)?;
        self.footer_markdown(out)
    }

    fn rules_markdown(&self, out: &mut String) -> std::fmt::Result {
        if !self.denied_by_rule.is_empty() {
            writeln!(
                out,
                "## Denied by rule\n\n| rule | authority | kind | decisions |\n|---|---|---|---:|"
            )?;
            for row in &self.denied_by_rule {
                writeln!(
                    out,
                    "| {} | {} | {} | {} |",
                    escape(&row.rule),
                    escape(&row.citation),
                    escape(&row.authority_kind),
                    row.decisions
                )?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn disclosures_markdown(&self, out: &mut String) -> std::fmt::Result {
        let sum = &self.disclosures;
        writeln!(
            out,
            "## Disclosures\n\nDisclosures: {}. Reads handed out: {}. Reads found past their retention cap and withheld: {}.\n",
            sum.count, sum.reads, sum.retention_faults
        )?;
        if !sum.by_recipient.is_empty() {
            writeln!(out, "| recipient | disclosures |\n|---|---:|")?;
            for (recipient, count) in &sum.by_recipient {
                writeln!(out, "| {} | {count} |", escape(recipient))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    /// Deletions, revocations and requests to residents.
    fn events_markdown(&self, out: &mut String) -> std::fmt::Result {
        if !self.deletions.is_empty() {
            writeln!(
                out,
                "## Reads deleted when their time was up\n\n| rule | authority | reads |\n|---|---|---:|"
            )?;
            for row in &self.deletions {
                writeln!(
                    out,
                    "| {} | {} | {} |",
                    escape(&row.rule),
                    escape(&row.citation),
                    row.deleted
                )?;
            }
            writeln!(out)?;
        }
        if !self.revocations.is_empty() {
            writeln!(
                out,
                "## Revocations\n\n| when | id | agencies | reason |\n|---|---|---|---|"
            )?;
            for row in &self.revocations {
                writeln!(
                    out,
                    "| {} | {} | {} | {} |",
                    row.at.strftime("%Y-%m-%d"),
                    escape(&row.id),
                    escape(&row.agencies.join(", ")),
                    escape(&row.reason)
                )?;
            }
            writeln!(out)?;
        }
        if !self.community.is_empty() {
            writeln!(out, "## Community requests\n\n| step | count |\n|---|---:|")?;
            for (step, count) in &self.community {
                writeln!(out, "| {} | {count} |", escape(step))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn footer_markdown(&self, out: &mut String) -> std::fmt::Result {
        if self.unreadable > 0 {
            writeln!(
                out,
                "{} records could not be read by this version and are counted nowhere above.\n",
                self.unreadable
            )?;
        }
        if let Some(trail) = &self.trail {
            writeln!(
                out,
                "Counted over audit trail `{}`: {} records, the last with hash `{}`; {} covered by signed checkpoints.",
                trail.log_id, trail.records, trail.head, trail.vouched
            )?;
        }
        Ok(())
    }
}

fn table(out: &mut String, title: &str, what: &str, rows: &[Row]) -> std::fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## {title}\n\n| {what} | {OUTCOME_COLUMNS} |\n|---|---:|---:|---:|---:|---:|---:|---:|"
    )?;
    for row in rows {
        writeln!(out, "| {} | {} |", escape(&row.name), cells(&row.counts))?;
    }
    writeln!(out)
}

fn cells(counts: &OutcomeCounts) -> String {
    let parts = counts.parts().map(|(_, count)| count.to_string());
    format!("{} | {}", counts.total, parts.join(" | "))
}

/// For a cell of a Markdown table.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' | '`' | '*' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
