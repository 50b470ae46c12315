//! `platewarden store search`: the one way to a row.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use platewarden_policy::model::{
    CertificationKind, CertificationRef, Offence, OffenceJurisdiction, OffenceLevel, Purpose,
    SearchRequest, Suspicion,
};
use platewarden_store::{
    Answer, Area, Cursor, Direction, ErrorKind, Row, RowKind, Search, Store, Tolerance,
};
use serde_json::json;

use super::{
    person::{Person, names},
    place::Place,
};
use crate::{
    failure::{AnyError, Outcome, OutputError, UsageError, about},
    time::instant,
};

/// The exit status of a search that is refused.
const REFUSED: u8 = 3;

/// Search a store
///
/// The search is decided by the law of the data, the law of the searcher, the owner's policy and the gates; the decision is
/// written into the trail; and only a permitted search is carried out. A refusal says why, with citations, and what would
/// help, and says the same whether reads exist or not.
#[derive(Args)]
#[command(after_help = "\
Examples:
  platewarden store search plates --user officer-7 --verified --plate 42TKF7 --purpose stolen_vehicle --case 26-001234
  platewarden store search plates --request request.json --json
  platewarden store search plates --user officer-7 --verified --plate '42T?F7' --purpose homicide --case 26-001234 \\
      --from 2026-11-20 --to 2026-11-22 --camera elm-4th")]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Dataset to search; can be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    #[command(flatten)]
    person: Person,
    #[command(flatten)]
    request: RequestOptions,
    #[command(flatten)]
    filter: Filter,
    /// Another verified person of the same agency, who approves a search that was repeated
    #[arg(long, value_name = "ID")]
    approver: Option<String>,
    /// Print one JSON object: decision, rows and cursor, or the denial
    #[arg(long)]
    json: bool,
}

/// What is looked for, and why.
#[derive(Args)]
struct RequestOptions {
    /// Take the request from this JSON file, as `platewarden decide` reads it (`-`: standard input); the options below add
    /// to it. Its datasets and time are not believed
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// The plate; `?` stands for one character, `*` for any number
    #[arg(long, value_name = "PLATE")]
    plate: Option<String>,
    /// Why, from the closed list that docs/policy.md gives, as stolen_vehicle
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The case, call or incident number
    #[arg(long, value_name = "NUMBER")]
    case: Option<String>,
    /// The offence under investigation, as in 'PC 487,felony' or 'PC 487,felony,state'
    #[arg(long, value_name = "CODE,LEVEL[,JURISDICTION]")]
    offence: Option<String>,
    /// Facts that amount to a reasonable suspicion
    #[arg(long, value_name = "FACTS")]
    suspicion: Option<String>,
    /// The supervisor who released a search without a plate
    #[arg(long, value_name = "NAME")]
    supervisor: Option<String>,
    /// No read before this instant, or before so long ago, as in `3 days ago`
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// No read after this instant [default: now]
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
}

/// What narrows or widens the rows.
#[derive(Args)]
struct Filter {
    /// How far a read may be from the plate
    #[arg(long, value_enum, default_value_t)]
    tolerance: HowFar,
    /// Only this camera; can be given several times
    #[arg(long, value_name = "NAME")]
    camera: Vec<String>,
    /// Only cameras within so many metres of a position in degrees, as in 39.80,-89.65,500
    #[arg(long, value_name = "LAT,LON,METRES", allow_hyphen_values = true)]
    area: Option<String>,
    /// Only plates taken to be of this country or state
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Only vehicles that went this way: approaching, departing, north, north_east ...
    #[arg(long, value_name = "WAY")]
    direction: Option<String>,
    /// Only reads that show the plate with at least this probability, 0 to 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.0)]
    min_probability: f32,
    /// At most so many rows; beyond 1,000 it is a search in bulk
    #[arg(long, value_name = "ROWS", default_value_t = 100)]
    limit: u32,
    /// The page after the one that ended with this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Only copies under this hold
    #[arg(long, value_name = "ID")]
    hold: Option<String>,
}

/// How far a read may be from the plate.
#[derive(Clone, Copy, Default, ValueEnum)]
enum HowFar {
    /// The very text
    Exact,
    /// Look-alikes alone, such as 8 for B
    LookAlikes,
    /// And one character replaced, missing or added
    OneEdit,
    /// And two
    #[default]
    TwoEdits,
}

impl From<HowFar> for Tolerance {
    fn from(how_far: HowFar) -> Self {
        match how_far {
            HowFar::Exact => Self::Exact,
            HowFar::LookAlikes => Self::LookAlikes,
            HowFar::OneEdit => Self::OneEdit,
            HowFar::TwoEdits => Self::TwoEdits,
        }
    }
}

/// Searches and prints the answer.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let store = arguments.place.open()?;
    let search = search(arguments, &store)?;
    match store.search(&search) {
        Ok(answer) => {
            print(&answer, arguments.json)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.kind() == ErrorKind::Denied => {
            let denial = error.denial().ok_or("a denial without reasons")?;
            if arguments.json {
                let text = serde_json::to_string(&json!({ "denied": denial }))?;
                writeln!(io::stdout(), "{text}").map_err(OutputError::from)?;
            } else {
                eprintln!("DENIED");
                for reason in &denial.reasons {
                    eprintln!("  {} [{}]", reason.message, reason.authority.citation);
                }
                for cure in &denial.cures {
                    eprintln!("  what would help: {cure}");
                }
            }
            Ok(ExitCode::from(REFUSED))
        }
        Err(error) => Err(error.into()),
    }
}

fn search(arguments: &Arguments, store: &Store) -> Result<Search, AnyError> {
    let mut datasets = arguments.dataset.clone();
    if datasets.is_empty() {
        let all = store.datasets();
        datasets.extend(all.iter().map(|known| known.dataset.id.to_string()));
    }
    let first = datasets
        .first()
        .ok_or("the store has no dataset: make one with `platewarden store init`")?;
    let mut request = request(arguments, store, first)?;
    request.datasets.clear();
    let approver = arguments.approver.as_ref();
    let approver = approver.map(|user| arguments.person.colleague(&request.actor, user));
    let mut search = Search::new(request);
    for name in datasets {
        if !store
            .datasets()
            .iter()
            .any(|known| known.dataset.id.as_str() == name)
        {
            let found = names(store);
            return Err(
                UsageError(format!("the store has no dataset `{name}`; it has {found}")).into(),
            );
        }
        search = search.in_dataset(name);
    }
    if let Some(approver) = approver {
        search = search.approved_by(approver);
    }
    narrowed(search, &arguments.filter)
}

fn request(arguments: &Arguments, store: &Store, dataset: &str) -> Result<SearchRequest, AnyError> {
    let (options, now) = (&arguments.request, Timestamp::now());
    let mut request = match &options.request {
        Some(path) => {
            let mut request = SearchRequest::from_json(&text_of(path)?, Some(now))
                .map_err(about("read", path))?;
            if arguments.person.is_named() {
                request.actor = arguments.person.actor(store, dataset)?;
            }
            request
        }
        None => SearchRequest::builder(arguments.person.actor(store, dataset)?, now).build(),
    };
    fill(&mut request, options, now)?;
    Ok(request)
}

fn text_of(path: &Path) -> Result<String, AnyError> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| format!("cannot read standard input: {error}"))?;
        return Ok(text);
    }
    fs::read_to_string(path).map_err(about("read", path))
}

/// Puts into a request what the options say.
fn fill(
    request: &mut SearchRequest,
    options: &RequestOptions,
    now: Timestamp,
) -> Result<(), AnyError> {
    let mut builder = SearchRequest::builder(request.actor.clone(), now);
    if let Some(plate) = &options.plate {
        builder = builder.plate(plate);
        request.target = builder.clone().build().target;
    }
    if let Some(word) = &options.purpose {
        request.purpose = platewarden_policy::model::Fact::Known(Purpose::from_word(word));
    }
    if let Some(reason) = &options.reason {
        request.purpose_detail = Some(reason.clone());
    }
    if let Some(case) = &options.case {
        request.case_ref = builder.clone().case(case).build().case_ref;
    }
    if let Some(text) = &options.offence {
        request.offence = Some(offence(text)?);
    }
    if let Some(facts) = &options.suspicion {
        request.suspicion = Suspicion::ReasonableSuspicion {
            facts: facts.clone(),
        };
    }
    if let Some(name) = &options.supervisor {
        let release = CertificationRef::new(CertificationKind::SupervisorRelease).by(name);
        request.certifications.push(release);
    }
    if let Some(from) = &options.from {
        let end = match &options.to {
            Some(to) => instant("--to", to)?,
            None => now,
        };
        request.window = builder.window(instant("--from", from)?, end).build().window;
    }
    Ok(())
}

fn offence(text: &str) -> Result<Offence, AnyError> {
    let mut parts = text.split(',').map(str::trim);
    let (code, level, whose) = (parts.next(), parts.next(), parts.next());
    let (Some(code), Some(level), None) = (code, level, parts.next()) else {
        return Err(UsageError(format!(
            "--offence {text}: write it as in 'PC 487,felony' or 'PC 487,felony,state'"
        ))
        .into());
    };
    let level: OffenceLevel = level.parse()?;
    let whose: OffenceJurisdiction = whose.unwrap_or("state").parse()?;
    Ok(Offence::new(code, level, whose))
}

fn narrowed(mut search: Search, filter: &Filter) -> Result<Search, AnyError> {
    search = search
        .tolerance(filter.tolerance.into())
        .min_probability(filter.min_probability)
        .limit(filter.limit);
    for camera in &filter.camera {
        search = search.camera(camera);
    }
    if let Some(text) = &filter.area {
        search = search.area(area(text)?);
    }
    if let Some(code) = &filter.region {
        search = search.region(code);
    }
    if let Some(word) = &filter.direction {
        search = search.direction(direction(word)?);
    }
    if let Some(cursor) = &filter.after {
        search = search.after(Cursor::from_text(cursor));
    }
    if let Some(hold) = &filter.hold {
        search = search.under_hold(hold);
    }
    Ok(search)
}

fn area(text: &str) -> Result<Area, AnyError> {
    let numbers: Option<Vec<f64>> = text
        .split(',')
        .map(|part| part.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some(&[latitude, longitude, metres])
            if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && metres > 0.0 =>
        {
            Ok(Area::Circle {
                latitude,
                longitude,
                metres,
            })
        }
        _ => Err(UsageError(format!(
            "--area {text}: expected degrees of latitude and longitude and metres, as in 39.80,-89.65,500"
        ))
        .into()),
    }
}

fn direction(word: &str) -> Result<Direction, AnyError> {
    serde_json::from_value(json!(word.replace('-', "_")))
        .map_err(|error| UsageError(format!("--direction {word}: {error}")).into())
}

fn print(answer: &Answer, as_json: bool) -> Result<(), AnyError> {
    let mut output = io::stdout().lock();
    if as_json {
        let value =
            json!({ "decision": answer.decision, "rows": answer.rows, "next": answer.next });
        writeln!(output, "{value}").map_err(OutputError::from)?;
        return Ok(());
    }
    print_rows(&mut output, answer).map_err(|error| OutputError::from(error).into())
}

fn print_rows(output: &mut impl Write, answer: &Answer) -> io::Result<()> {
    write!(output, "{}", answer.decision.explain())?;
    let rows = answer.rows.len();
    writeln!(output, "{rows} row{}", if rows == 1 { "" } else { "s" })?;
    for row in &answer.rows {
        let what = match &row.kind {
            RowKind::Sighting { reads, .. } => format!("sighting of {reads} reads"),
            _ => "read".to_owned(),
        };
        writeln!(
            output,
            "{}  {:<10} {:>5}  {}  {what}",
            row.read.captured_at.strftime("%Y-%m-%d %H:%M:%SZ"),
            row.read.text,
            platewarden::percent(row.probability),
            row.read.camera.id,
        )?;
        write_details(output, row)?;
    }
    if let Some(next) = &answer.next {
        writeln!(output, "there is more: --after {}", next.as_str())?;
    }
    Ok(())
}

fn write_details(output: &mut impl Write, row: &Row) -> io::Result<()> {
    for why in &row.why {
        writeln!(output, "    {why}")?;
    }
    for correction in &row.corrections {
        writeln!(
            output,
            "    corrected to {} by {}: {}",
            correction.text, correction.by, correction.why
        )?;
    }
    if let Some(hold) = &row.hold {
        writeln!(output, "    kept under {hold}")?;
    }
    writeln!(output, "    {}", row.reference.as_str())
}
