//! The report for people: one HTML file that needs nothing from elsewhere.

use std::fmt::Write;

use platewarden_policy::model::{AuthorityKind, Fact, PackVersion};

use super::finding::{Finding, Verdict};
use super::report::{Action, AuditReport, Counts, MonthRow, ProposedRevocation, RuleRow};

/// Agencies shown; the summary in JSON has all of them.
const AGENCIES: usize = 300;
/// Evidence rows shown per agency; the revocation list has more.
const EVIDENCE: usize = 60;

/// The whole page. Every text from the log is escaped, officers are not named, and personal data in
/// reasons is blacked out. A content security policy forbids the page to load anything.
pub(super) fn page(report: &AuditReport) -> String {
    let mut out = String::with_capacity(1 << 20);
    out.push_str("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">");
    let _ = write!(
        out,
        "<title>Search audit, {}</title><style>{STYLE}</style></head><body>",
        esc(&report.place)
    );
    head(&mut out, report);
    out.push_str("<main>");
    summary(&mut out, report);
    revocations(&mut out, report);
    rules(&mut out, report);
    months(&mut out, report);
    signals(&mut out, report);
    agencies(&mut out, report);
    findings(&mut out, report);
    missing(&mut out, report);
    files(&mut out, report);
    method(&mut out, report);
    let _ = writeln!(out, "</main><script>{SCRIPT}</script></body></html>");
    out
}

/// Escapes text for HTML content and double-quoted attributes. Control characters that would break
/// the page or hide text become visible.
fn esc(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => clean.push_str("&amp;"),
            '<' => clean.push_str("&lt;"),
            '>' => clean.push_str("&gt;"),
            '"' => clean.push_str("&quot;"),
            '\'' => clean.push_str("&#39;"),
            '\n' | '\r' | '\t' => clean.push(' '),
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}') =>
            {
                clean.push('\u{fffd}')
            }
            c => clean.push(c),
        }
    }
    clean
}

/// 1234567 as `1,234,567`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[allow(
    clippy::cast_precision_loss,
    reason = "shares of counts far below 2^52, shown with one digit"
)]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn percent(part: u64, whole: u64) -> String {
    let value = share(part, whole) * 100.0;
    if part > 0 && value < 0.1 {
        "&lt;0.1 %".to_owned()
    } else {
        format!("{value:.1} %")
    }
}

fn day(time: jiff::Timestamp) -> String {
    jiff::tz::Offset::UTC.to_datetime(time).date().to_string()
}

fn moment(time: jiff::Timestamp) -> String {
    let text = jiff::tz::Offset::UTC.to_datetime(time).to_string();
    text.replace('T', " ")
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unremarkable => "No finding",
        Verdict::Insufficient => "Insufficient record",
        Verdict::Questionable => "Questionable",
        Verdict::Impermissible => "Impermissible",
    }
}

const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unremarkable => "v0",
        Verdict::Insufficient => "v1",
        Verdict::Questionable => "v2",
        Verdict::Impermissible => "v3",
    }
}

const fn authority_name(kind: AuthorityKind) -> &'static str {
    match kind {
        AuthorityKind::Statute => "Statute",
        AuthorityKind::Regulation => "Regulation",
        AuthorityKind::CourtDecision => "Court decision",
        AuthorityKind::AgOpinion => "Attorney General",
        AuthorityKind::RegulatorPosition => "Regulator’s position",
        AuthorityKind::Contract => "Contract",
        AuthorityKind::AgencyPolicy => "Agency policy",
        AuthorityKind::EngineRule => "Engine rule",
    }
}

fn head(out: &mut String, report: &AuditReport) {
    let period = report.period.map_or_else(
        || "no dated search".to_owned(),
        |(first, last)| format!("{} to {}", day(first), day(last)),
    );
    let owner = report
        .owner
        .as_ref()
        .map(|o| format!(" held by <b>{}</b>", esc(o)))
        .unwrap_or_default();
    let _ = write!(
        out,
        "<header><p class=\"kicker\">Retrospective audit of searches</p><h1>Plate reads captured in {}</h1>\
         <p class=\"lede\">Searches of reads{owner}, {}. {} rows from {} file{}.</p>\
         <nav><a href=\"#revocations\">Proposed revocations</a><a href=\"#rules\">Rules</a><a href=\"#agencies\">Agencies</a>\
         <a href=\"#findings\">Findings</a><a href=\"#files\">Files</a><a href=\"#method\">Method and limits</a></nav></header>",
        esc(&report.place),
        esc(&period),
        grouped(report.rows),
        report.files.len(),
        if report.files.len() == 1 { "" } else { "s" },
    );
}

fn summary(out: &mut String, report: &AuditReport) {
    let counts = &report.counts;
    let total = counts.total();
    let revoke = report
        .revocations
        .iter()
        .filter(|r| r.action == Action::Revoke)
        .count();
    out.push_str("<section class=\"tiles\" aria-label=\"Summary\">");
    let tiles = [
        (
            Verdict::Impermissible,
            counts.impermissible,
            "barred by what the row itself says",
        ),
        (
            Verdict::Questionable,
            counts.questionable,
            "need an explanation from the agency",
        ),
        (
            Verdict::Insufficient,
            counts.insufficient,
            "the record does not show that they were lawful",
        ),
        (
            Verdict::Unremarkable,
            counts.unremarkable,
            "nothing in the row speaks against them",
        ),
    ];
    for (verdict, count, words) in tiles {
        let _ = write!(
            out,
            "<div class=\"tile {}\"><b>{}</b><span class=\"name\">{}</span><span class=\"sub\">{} of searches; {words}</span></div>",
            verdict_class(verdict),
            grouped(count),
            verdict_name(verdict),
            percent(count, total),
        );
    }
    out.push_str("</section>");
    bar(out, counts);
    let _ = write!(
        out,
        "<p class=\"plain\"><b>In short:</b> of {} distinct searches, {} are barred by what their own rows say and {} need an explanation. \
         {} {} proposed for revocation. {} rows repeat a search already counted; {} rows could not be read and are listed below, none was dropped.</p>",
        grouped(total),
        grouped(counts.impermissible),
        grouped(counts.questionable),
        revoke,
        if revoke == 1 {
            "agency of another state or federal body is"
        } else {
            "agencies of other states or federal bodies are"
        },
        grouped(report.duplicates),
        grouped(report.unparsed),
    );
}

/// One bar with the share of each verdict.
fn bar(out: &mut String, counts: &Counts) {
    let parts = [
        (Verdict::Impermissible, counts.impermissible),
        (Verdict::Questionable, counts.questionable),
        (Verdict::Insufficient, counts.insufficient),
        (Verdict::Unremarkable, counts.unremarkable),
    ];
    out.push_str("<svg class=\"share\" viewBox=\"0 0 1000 26\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Share of verdicts\">");
    let mut x = 0.0;
    for (verdict, count) in parts {
        let width = share(count, counts.total()) * 1000.0;
        if count > 0 {
            let _ = write!(
                out,
                "<rect class=\"{}\" x=\"{x:.2}\" y=\"0\" width=\"{:.2}\" height=\"26\"><title>{}: {}</title></rect>",
                verdict_class(verdict),
                width.max(1.5),
                verdict_name(verdict),
                grouped(count)
            );
        }
        x += width;
    }
    out.push_str("</svg>");
}

fn revocations(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"revocations\"><h2>Proposed revocations</h2>");
    if report.revocations.is_empty() {
        out.push_str("<p>No agency made a search that a statute or a regulator bars on its face.</p></section>");
        return;
    }
    out.push_str(
        "<p>Agencies with at least one search that a statute, regulation, court, attorney general or regulator bars on its face. \
         <b>Revoke</b> stands for agencies of other states and federal bodies, <b>refer</b> for agencies under the same law as the data. \
         A person decides; the full evidence is in <code>revocations.json</code> and <code>revocations.csv</code>.</p>",
    );
    for (title, action) in [
        ("Revoke access", Action::Revoke),
        ("Refer to the agency and its oversight", Action::Refer),
    ] {
        let list: Vec<&ProposedRevocation> = report
            .revocations
            .iter()
            .filter(|r| r.action == action)
            .collect();
        if list.is_empty() {
            continue;
        }
        let most = list.iter().map(|r| r.impermissible).max().unwrap_or(1);
        let _ = write!(
            out,
            "<h3>{title} <span class=\"count\">{}</span></h3><div class=\"rev\">",
            list.len()
        );
        for row in list {
            proposal(out, row, most);
        }
        out.push_str("</div>");
    }
    out.push_str("</section>");
}

fn proposal(out: &mut String, row: &ProposedRevocation, most: u64) {
    let _ = write!(
        out,
        "<details><summary><span class=\"who\">{}</span>{}<span class=\"num\">{} barred</span><span class=\"num soft\">of {} searches</span>\
         <span class=\"when\">{} – {}</span></summary><div class=\"inner\"><div><h4>Grounds</h4><ul>",
        esc(&row.agency),
        small_bar(row.impermissible, most),
        grouped(row.impermissible),
        grouped(row.searches),
        day(row.first),
        day(row.last),
    );
    for (ground, count) in row.grounds.iter().take(8) {
        let _ = write!(
            out,
            "<li>{} <span class=\"soft\">× {}</span></li>",
            esc(ground),
            grouped(*count)
        );
    }
    out.push_str("</ul><h4>Reasons as recorded</h4><ul class=\"reasons\">");
    for (reason, count) in row.reasons.iter().take(10) {
        let text = if reason.is_empty() {
            "<i>blank</i>".to_owned()
        } else {
            esc(reason)
        };
        let _ = write!(
            out,
            "<li><q>{text}</q> <span class=\"soft\">× {}</span></li>",
            grouped(*count)
        );
    }
    out.push_str("</ul></div><div><h4>Evidence rows</h4><ol class=\"rows\">");
    for evidence in row.evidence.iter().take(EVIDENCE) {
        let _ = write!(
            out,
            "<li>{} line {} <code>{}</code></li>",
            esc(&evidence.file),
            evidence.line,
            esc(&evidence.row_id)
        );
    }
    out.push_str("</ol>");
    let shown = row.evidence.len().min(EVIDENCE) as u64;
    if row.impermissible > shown {
        let _ = write!(
            out,
            "<p class=\"soft\">and {} more</p>",
            grouped(row.impermissible - shown)
        );
    }
    out.push_str("</div></div></details>");
}

fn small_bar(count: u64, most: u64) -> String {
    let width = (share(count, most) * 120.0).max(2.0);
    format!(
        "<svg class=\"mini\" viewBox=\"0 0 120 10\" aria-hidden=\"true\"><rect class=\"v3\" width=\"{width:.1}\" height=\"10\" rx=\"2\"/></svg>"
    )
}

fn rules(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"rules\"><h2>Rules that spoke</h2>");
    for verdict in [
        Verdict::Impermissible,
        Verdict::Questionable,
        Verdict::Insufficient,
    ] {
        let list: Vec<&RuleRow> = report
            .rules
            .iter()
            .filter(|r| r.verdict == verdict)
            .collect();
        if list.is_empty() {
            continue;
        }
        let most = list.iter().map(|r| r.searches).max().unwrap_or(1);
        let _ = write!(
            out,
            "<h3>{}</h3><div class=\"scroll\"><table><thead><tr><th>Rule</th><th>Authority</th><th class=\"n\">Searches</th><th class=\"chart\"><span class=\"hide\">Chart</span></th></tr></thead><tbody>",
            verdict_name(verdict)
        );
        for row in list {
            let width = (share(row.searches, most) * 200.0).max(1.0);
            let _ = write!(
                out,
                "<tr><td><b>{}</b><br><span class=\"soft\">{}</span></td><td><span class=\"kind k{}\">{}</span><br>{}</td><td class=\"n\">{}</td>\
                 <td class=\"chart\"><svg viewBox=\"0 0 200 14\" aria-hidden=\"true\"><rect class=\"{}\" width=\"{width:.1}\" height=\"14\" rx=\"2\"/></svg></td></tr>",
                esc(&row.rule.rule),
                esc(&row.rule.message),
                row.rule.authority as u8,
                authority_name(row.rule.authority),
                esc(&row.rule.citation),
                grouped(row.searches),
                verdict_class(verdict),
            );
        }
        out.push_str("</tbody></table></div>");
    }
    out.push_str("<p class=\"soft\">A search that breaks two rules counts under both. Statute, regulator’s position and agency policy are kept apart on purpose: only the first is law.</p></section>");
}

/// Columns of barred and questionable searches by month.
fn months(out: &mut String, report: &AuditReport) {
    if report.months.is_empty() {
        return;
    }
    out.push_str("<section id=\"months\"><h2>By month</h2>");
    let grave = |m: &MonthRow| m.counts.impermissible + m.counts.questionable;
    let most = report.months.iter().map(grave).max().unwrap_or(0).max(1);
    let shown: Vec<&MonthRow> = report.months.iter().rev().take(36).rev().collect();
    // Screen units; the picture scales as a whole.
    let (height, left, step) = (200.0, 56.0, 46.0);
    let width = left + step * shown.len() as f64 + 10.0;
    let _ = write!(
        out,
        "<div class=\"scroll\"><svg class=\"months\" style=\"max-width:{width:.0}px\" viewBox=\"0 0 {width:.0} 250\" role=\"img\" aria-label=\"Barred and questionable searches by month\">"
    );
    for tick in 0..=4_u64 {
        let value = most * tick / 4;
        let y = height - share(value, most) * (height - 20.0);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{width:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"tick\" x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + 4.0,
            grouped(value)
        );
    }
    for (index, month) in shown.iter().enumerate() {
        let x = left + step * index as f64 + 8.0;
        let barred = share(month.counts.impermissible, most) * (height - 20.0);
        let questionable = share(month.counts.questionable, most) * (height - 20.0);
        let _ = write!(
            out,
            "<g><title>{}-{:02}: {} impermissible, {} questionable, {} searches</title><rect class=\"v3\" x=\"{x:.0}\" y=\"{:.1}\" width=\"30\" height=\"{barred:.1}\"/>\
             <rect class=\"v2\" x=\"{x:.0}\" y=\"{:.1}\" width=\"30\" height=\"{questionable:.1}\"/></g><text class=\"tick\" x=\"{:.0}\" y=\"218\" text-anchor=\"middle\">{}</text>",
            month.year,
            month.month,
            grouped(month.counts.impermissible),
            grouped(month.counts.questionable),
            grouped(month.counts.total()),
            height - barred,
            height - barred - questionable,
            x + 15.0,
            month_name(month.month),
        );
        if index == 0 || month.month == 1 {
            let _ = write!(
                out,
                "<text class=\"year\" x=\"{:.0}\" y=\"238\" text-anchor=\"middle\">{}</text>",
                x + 15.0,
                month.year
            );
        }
    }
    out.push_str("</svg></div><p class=\"legend\"><span class=\"dot v3\"></span>Impermissible <span class=\"dot v2\"></span>Questionable</p></section>");
}

const fn month_name(month: i8) -> &'static str {
    match month {
        1 => "Jan",
        2 => "Feb",
        3 => "Mar",
        4 => "Apr",
        5 => "May",
        6 => "Jun",
        7 => "Jul",
        8 => "Aug",
        9 => "Sep",
        10 => "Oct",
        11 => "Nov",
        _ => "Dec",
    }
}

fn signals(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"signals\"><h2>What the reasons say</h2><p>Whatever the law makes of it: terms found in reasons and prompts. \
                  <b>High</b> states a sensitive purpose, <b>medium</b> may be one, <b>low</b> is kept for a review sample (a crime is named beside it, it is denied, or another sense is likely).</p>\
                  <div class=\"scroll\"><table class=\"narrow\"><thead><tr><th>Category</th><th class=\"n\">High</th><th class=\"n\">Medium</th><th class=\"n\">Low</th></tr></thead><tbody>");
    let mut categories: Vec<_> = report.signals.iter().map(|s| s.category).collect();
    categories.dedup();
    for category in categories {
        let of = |grade| {
            report
                .signals
                .iter()
                .find(|s| s.category == category && s.grade == grade)
                .map_or(0, |s| s.searches)
        };
        use platewarden_policy::classifier::Grade::{High, Low, Medium};
        let name = category.as_str().replace('_', " ");
        let _ = write!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            esc(&name),
            grouped(of(High)),
            grouped(of(Medium)),
            grouped(of(Low))
        );
    }
    let _ = write!(
        out,
        "<tr><td>says nothing (vague)</td><td class=\"n\" colspan=\"3\">{}</td></tr><tr><td>holds personal data</td><td class=\"n\" colspan=\"3\">{}</td></tr></tbody></table></div></section>",
        grouped(report.vague),
        grouped(report.personal_data)
    );
}

fn agencies(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"agencies\"><h2>Agencies</h2><p class=\"tools\"><input id=\"aq\" type=\"search\" placeholder=\"Filter by name or place\" aria-label=\"Filter agencies\"> <span id=\"an\" class=\"soft\"></span></p>\
                  <div class=\"scroll tall\"><table id=\"at\"><thead><tr><th data-sort=\"t\">Agency</th><th data-sort=\"t\">Place</th><th data-sort=\"t\">Kind</th><th class=\"n\" data-sort=\"n\">Searches</th>\
                  <th class=\"n\" data-sort=\"n\">Impermissible</th><th class=\"n\" data-sort=\"n\">Questionable</th><th class=\"n\" data-sort=\"n\">Insufficient</th><th class=\"n\" data-sort=\"n\">Barred share</th></tr></thead><tbody>");
    for row in report.agencies.iter().take(AGENCIES) {
        let kind = match row.kind {
            Fact::Known(kind) => kind.as_str().replace('_', " "),
            Fact::Unknown => "unknown".to_owned(),
        };
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n{}\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            esc(&row.name),
            esc(row.home.as_deref().unwrap_or("unknown")),
            esc(&kind),
            grouped(row.counts.total()),
            if row.counts.impermissible > 0 {
                " bad"
            } else {
                ""
            },
            grouped(row.counts.impermissible),
            grouped(row.counts.questionable),
            grouped(row.counts.insufficient),
            percent(row.counts.impermissible, row.counts.total()),
        );
    }
    out.push_str("</tbody></table></div>");
    if report.agencies.len() > AGENCIES {
        let _ = write!(
            out,
            "<p class=\"soft\">The first {AGENCIES} of {} agencies; all of them are in <code>summary.json</code>.</p>",
            grouped(report.agencies.len() as u64)
        );
    }
    out.push_str("</section>");
}

fn findings(out: &mut String, report: &AuditReport) {
    let all = report.counts.impermissible + report.counts.questionable;
    let _ = write!(
        out,
        "<section id=\"findings\"><h2>Findings</h2><p>The first {} of {} searches found impermissible or questionable; all of them are in <code>findings.csv</code> and <code>findings.jsonl</code>. \
         Personal data in reasons is blacked out; officers are named in the sealed JSON lines only.</p>\
         <p class=\"tools\"><select id=\"fv\" aria-label=\"Verdict\"><option value=\"\">All verdicts</option><option>Impermissible</option><option>Questionable</option></select> \
         <select id=\"fr\" aria-label=\"Rule\"><option value=\"\">All rules</option>",
        grouped(report.samples.len() as u64),
        grouped(all)
    );
    let mut names: Vec<&str> = report
        .samples
        .iter()
        .flat_map(|f| f.rules.iter().map(|r| r.rule.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let _ = write!(out, "<option>{}</option>", esc(name));
    }
    out.push_str("</select> <input id=\"fq\" type=\"search\" placeholder=\"Agency, reason, row id\" aria-label=\"Filter findings\"> <span id=\"fn\" class=\"soft\"></span></p>\
                  <div class=\"scroll tall\"><table id=\"ft\"><thead><tr><th>Verdict</th><th>Search time (UTC)</th><th>Agency</th><th>Reason</th><th>Rules</th><th>Row</th></tr></thead><tbody>");
    for finding in &report.samples {
        finding_row(out, finding);
    }
    out.push_str("</tbody></table></div></section>");
}

fn finding_row(out: &mut String, finding: &Finding) {
    let rules: Vec<String> = finding
        .rules
        .iter()
        .map(|r| {
            format!(
                "<span title=\"{}\">{}</span>",
                esc(&r.citation),
                esc(&r.rule)
            )
        })
        .collect();
    let keys: Vec<String> = finding.rules.iter().map(|r| esc(&r.rule)).collect();
    let _ = write!(
        out,
        "<tr data-r=\"|{}|\"><td><span class=\"tag {}\">{}</span></td><td class=\"nw\">{}</td><td>{}</td><td class=\"reason\">{}</td><td class=\"small\">{}</td><td class=\"small\">{} line {}<br><code>{}</code></td></tr>",
        keys.join("|"),
        verdict_class(finding.verdict),
        verdict_name(finding.verdict),
        moment(finding.time),
        esc(&finding.agency),
        marked(finding),
        rules.join("<br>"),
        esc(&finding.file),
        finding.line,
        esc(&finding.row_id),
    );
}

/// The reason with the terms that fired marked and personal data blacked out.
fn marked(finding: &Finding) -> String {
    let text = finding.reason.as_str();
    if text.is_empty() {
        return "<i class=\"soft\">blank</i>".to_owned();
    }
    let mut spans: Vec<(usize, usize, bool)> = finding
        .signals
        .iter()
        .filter(|s| s.category.is_sensitive() || s.personal.is_some())
        .map(|s| (s.span.start, s.span.end, s.personal.is_some()))
        .collect();
    // Personal data first where spans begin alike: a bar must never give way to a mark.
    spans.sort_unstable_by_key(|(start, end, personal)| {
        (*start, !*personal, std::cmp::Reverse(*end))
    });
    let overlaps_personal = |start: usize, end: usize| {
        finding
            .signals
            .iter()
            .any(|s| s.personal.is_some() && s.span.start < end && start < s.span.end)
    };
    let mut html = String::new();
    let mut at = 0;
    for (start, end, personal) in spans {
        if start < at || (!personal && overlaps_personal(start, end)) {
            continue;
        }
        let (Some(before), Some(part)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        html.push_str(&esc(before));
        if personal {
            html.push_str("<span class=\"black\" title=\"personal data\">█████</span>");
        } else {
            let _ = write!(html, "<mark>{}</mark>", esc(part));
        }
        at = end;
    }
    html.push_str(&esc(text.get(at..).unwrap_or_default()));
    html
}

fn missing(out: &mut String, report: &AuditReport) {
    if report.missing.is_empty() {
        return;
    }
    out.push_str("<section id=\"missing\"><h2>What the record does not show</h2><p>Searches with no other finding that could only be confirmed as lawful with these facts. Ask the agencies for them before drawing conclusions.</p>\
                  <div class=\"scroll\"><table class=\"narrow\"><thead><tr><th>Missing</th><th class=\"n\">Searches</th></tr></thead><tbody>");
    for row in &report.missing {
        let _ = write!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td></tr>",
            esc(&row.fact),
            grouped(row.searches)
        );
    }
    out.push_str("</tbody></table></div></section>");
}

fn files(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"files\"><h2>Files and rows that could not be read</h2><div class=\"scroll\"><table><thead><tr><th>File</th><th class=\"n\">Rows</th><th class=\"n\">Not read</th><th class=\"n\">Repeated</th><th class=\"n\">Odd width</th><th>Columns that the file lacks</th></tr></thead><tbody>");
    for file in &report.files {
        let lacks = if file.missing_columns.is_empty() {
            "none".to_owned()
        } else {
            file.missing_columns.join(", ")
        };
        let _ = write!(
            out,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>",
            esc(&file.name),
            grouped(file.rows),
            grouped(file.unparsed),
            grouped(file.duplicates),
            grouped(file.ragged),
            esc(&lacks)
        );
    }
    out.push_str("</tbody></table></div>");
    if !report.unparsed_samples.is_empty() {
        let _ = write!(
            out,
            "<details><summary>{} rows could not be read; the first {}</summary><div class=\"scroll\"><table><thead><tr><th>Row</th><th>Problem</th><th>Cells</th></tr></thead><tbody>",
            grouped(report.unparsed),
            report.unparsed_samples.len()
        );
        for (file, row) in &report.unparsed_samples {
            let cells = row
                .cells
                .iter()
                .filter(|c| !c.is_empty())
                .map(|c| esc(c))
                .collect::<Vec<_>>()
                .join(" · ");
            let _ = write!(
                out,
                "<tr><td class=\"nw\">{} line {}</td><td>{}</td><td class=\"small\">{cells}</td></tr>",
                esc(file),
                row.line,
                esc(&row.problem)
            );
        }
        out.push_str("</tbody></table></div></details>");
    }
    out.push_str("</section>");
}

fn method(out: &mut String, report: &AuditReport) {
    out.push_str("<section id=\"method\"><h2>Method and limits</h2><ul>\
        <li>Every search was decided again under the rules in force at its own second, once in the searcher’s favour (whatever the log does not show was in order) and once as recorded.</li>\
        <li><b>Impermissible</b>: denied even in the searcher’s favour, with no cure. <b>Questionable</b>: denied in the searcher’s favour, but an explanation or a paper could cure it. <b>Insufficient record</b>: denied only as recorded.</li>\
        <li>Words are no proof of intent, and a menu value can hide it. A finding is a question to an agency, not a judgement on a person.</li>\
        <li>An agency’s place and kind are taken from its name unless a directory was given; a mistake there moves its searches between rules.</li>\
        <li>Months are counted in the time zone of the audit’s options (UTC unless set); exports cut their files at local midnight.</li>");
    let unverified = report.packs.iter().filter(|p| !p.verified).count();
    if unverified > 0 {
        let _ = write!(
            out,
            "<li><b>{unverified} of {} rule packs used are unverified</b>: nobody has yet checked them against the official text. Check each citation before relying on it.</li>",
            report.packs.len()
        );
    }
    out.push_str("<li>This is engineering research, not legal advice.</li></ul>");
    let list = |packs: &[PackVersion]| {
        packs
            .iter()
            .map(|p| {
                format!(
                    "{} {} (sha256 {}…)",
                    p.id.as_str(),
                    p.version,
                    p.sha256.get(..12).unwrap_or(&p.sha256)
                )
            })
            .collect::<Vec<_>>()
            .join("; ")
    };
    let overlays = if report.overlays.is_empty() {
        "none".to_owned()
    } else {
        report.overlays.join(", ")
    };
    let _ = write!(
        out,
        "<p class=\"soft small\">Packs: {}. Overlays: {}. Reason lexicon {} (sha256 {}…).</p></section>",
        esc(&list(&report.packs)),
        esc(&overlays),
        esc(&report.lexicon.0),
        esc(report.lexicon.1.get(..12).unwrap_or("")),
    );
}

const STYLE: &str = "
:root{--ink:#1d2430;--soft:#5b6675;--line:#dfe4ea;--paper:#fff;--ground:#f5f6f8;--v3:#b3261e;--v2:#d98a00;--v1:#5c7fa3;--v0:#b9c2cc;--mark:#ffe7a3}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
header{background:#16202e;color:#fff;padding:34px max(24px,calc((100vw - 1180px)/2)) 0}
h1{font-size:30px;line-height:1.2;margin:2px 0 6px;font-weight:650}
.kicker{margin:0;text-transform:uppercase;letter-spacing:.08em;font-size:12px;color:#aebbcb}
.lede{margin:0 0 20px;color:#d5dde6}
nav{display:flex;flex-wrap:wrap;gap:2px 22px;border-top:1px solid #33415a;padding:11px 0}
nav a{color:#cfe0f5;text-decoration:none;font-size:14px}nav a:hover{text-decoration:underline}
main{max-width:1180px;margin:0 auto;padding:24px}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:20px 24px;margin:0 0 20px}
h2{font-size:20px;margin:0 0 8px}h3{font-size:16px;margin:20px 0 8px}h4{font-size:13px;margin:12px 0 4px;color:var(--soft);text-transform:uppercase;letter-spacing:.04em}
p{margin:6px 0 12px;max-width:86ch}.soft{color:var(--soft)}.small{font-size:13px}.nw{white-space:nowrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;background:none;border:0;padding:0;margin-bottom:14px}
.tile{background:var(--paper);border:1px solid var(--line);border-top:5px solid var(--v0);border-radius:10px;padding:14px 18px;display:flex;flex-direction:column}
.tile b{font-size:30px;line-height:1.15;font-variant-numeric:tabular-nums}.tile .name{font-weight:650}.tile .sub{color:var(--soft);font-size:13px}
.tile.v3{border-top-color:var(--v3)}.tile.v2{border-top-color:var(--v2)}.tile.v1{border-top-color:var(--v1)}
.tile.v3 b{color:var(--v3)}
svg.share{width:100%;height:16px;border-radius:8px;display:block;margin:0 0 12px}
.plain{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:14px 18px;max-width:none;margin-bottom:20px}
rect.v3,.dot.v3{fill:var(--v3);background:var(--v3)}rect.v2,.dot.v2{fill:var(--v2);background:var(--v2)}rect.v1{fill:var(--v1)}rect.v0{fill:var(--v0)}
.dot{display:inline-block;width:11px;height:11px;border-radius:3px;margin:0 5px 0 12px}
table{border-collapse:collapse;width:100%;font-size:14px}
table.narrow{max-width:640px}
th{text-align:left;font-size:12.5px;color:var(--soft);font-weight:600;border-bottom:2px solid var(--line);padding:7px 10px;background:var(--paper);position:sticky;top:0;vertical-align:bottom}
th[data-sort]{cursor:pointer}th[data-sort]:hover{color:var(--ink)}
td{border-bottom:1px solid var(--line);padding:7px 10px;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.bad{color:var(--v3);font-weight:650}
td.chart{width:210px}td.chart svg{width:200px;height:14px;display:block}
td.reason{max-width:340px;overflow-wrap:anywhere}
tbody tr:hover td{background:#f8fafc}
.scroll{overflow-x:auto}.scroll.tall{max-height:620px;overflow:auto;border:1px solid var(--line);border-radius:8px}
.tag{display:inline-block;border-radius:5px;padding:1px 8px;font-size:12.5px;font-weight:600;color:#fff;background:var(--v0)}
.tag.v3{background:var(--v3)}.tag.v2{background:#a86a00}.tag.v1{background:var(--v1)}
.kind{display:inline-block;font-size:12px;border:1px solid var(--line);border-radius:5px;padding:0 7px;color:var(--soft)}
.kind.k0,.kind.k1,.kind.k2{border-color:#8fa3bb;color:#26466d;font-weight:600}
mark{background:var(--mark);padding:0 2px;border-radius:3px}.black{color:#111;letter-spacing:-1px}
code{font:12px ui-monospace,'SF Mono',Menlo,Consolas,monospace;color:#44505f;overflow-wrap:anywhere}
.tools input,.tools select{font:inherit;font-size:14px;padding:6px 10px;border:1px solid #c4ccd6;border-radius:7px;background:#fff;max-width:100%}
.tools input{width:260px}
.count{display:inline-block;background:var(--ground);border-radius:10px;padding:0 9px;font-size:13px;color:var(--soft)}
.rev{max-height:660px;overflow:auto;padding-right:4px}
.rev details{border:1px solid var(--line);border-radius:8px;margin:0 0 6px;background:#fff}
.rev summary{display:grid;grid-template-columns:minmax(180px,1fr) 120px 100px 160px 190px;gap:14px;align-items:center;padding:8px 14px;cursor:pointer;list-style:none}
.rev summary::-webkit-details-marker{display:none}
.rev summary .who::before{content:'▸';display:inline-block;width:16px;color:var(--soft)}
.rev details[open] summary .who::before{content:'▾'}
.rev .who{font-weight:600}.rev .num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.rev .when{color:var(--soft);font-size:13px;text-align:right;white-space:nowrap}
svg.mini{width:120px;height:10px}
.inner{display:grid;grid-template-columns:1fr 1fr;gap:24px;padding:2px 20px 14px 30px;border-top:1px solid var(--line)}
.inner ul,.inner ol{margin:0;padding-left:18px;font-size:14px}ol.rows{max-height:260px;overflow:auto}
svg.months{width:100%;min-width:420px;display:block}line.grid{stroke:var(--line)}text.tick{font-size:12px;fill:var(--soft)}text.year{font-size:12px;fill:var(--ink);font-weight:600}
.legend{margin:4px 0 0 40px;font-size:13px}.hide{position:absolute;left:-9999px}
@media(max-width:820px){.rev summary{grid-template-columns:1fr auto}.rev svg.mini,.rev .when,.rev .num.soft{display:none}.inner{grid-template-columns:1fr}td.chart,th.chart{display:none}}
@media print{body{background:#fff}header{background:#fff;color:#000;padding:0}.lede,.kicker{color:#333}nav,.tools{display:none}section,.tile,.plain{break-inside:avoid-page;border-color:#bbb}.scroll.tall,.rev,ol.rows{max-height:none;overflow:visible}th{position:static}}
";

const SCRIPT: &str = "
(function(){
function bind(table,count,inputs,test){
var rows=Array.prototype.slice.call(table.tBodies[0].rows);
function run(){var shown=0;rows.forEach(function(r){var ok=test(r);r.style.display=ok?'':'none';if(ok)shown++;});count.textContent=shown+' of '+rows.length+' shown';}
inputs.forEach(function(i){i.addEventListener('input',run);i.addEventListener('change',run);});run();}
function el(id){return document.getElementById(id);}
function has(row,text){return !text||row.textContent.toLowerCase().indexOf(text.toLowerCase())>=0;}
if(el('at'))bind(el('at'),el('an'),[el('aq')],function(r){return has(r,el('aq').value);});
if(el('ft'))bind(el('ft'),el('fn'),[el('fq'),el('fv'),el('fr')],function(r){
return has(r,el('fq').value)&&(!el('fv').value||r.cells[0].textContent===el('fv').value)&&(!el('fr').value||r.getAttribute('data-r').indexOf('|'+el('fr').value+'|')>=0);});
Array.prototype.forEach.call(document.querySelectorAll('th[data-sort]'),function(th){th.addEventListener('click',function(){
var body=th.closest('table').tBodies[0],i=th.cellIndex,num=th.getAttribute('data-sort')==='n',down=th.getAttribute('data-down')!=='1';
th.setAttribute('data-down',down?'1':'0');
function key(r){var t=r.cells[i].textContent;return num?parseFloat(t.replace(/[^0-9.]/g,''))||0:t.toLowerCase();}
Array.prototype.slice.call(body.rows).sort(function(a,b){var x=key(a),y=key(b);return (x<y?-1:x>y?1:0)*(down===num?-1:1);}).forEach(function(r){body.appendChild(r);});});});
})();
";

#[cfg(test)]
mod tests {
    use super::{esc, grouped};

    #[test]
    fn texts_cannot_leave_their_place() {
        assert_eq!(
            esc("<script>alert('1')</script>&\""),
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"
        );
        assert_eq!(esc("a\u{202e}b\u{0}c\nd"), "a\u{fffd}b\u{fffd}c d");
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123), "123");
    }
}
