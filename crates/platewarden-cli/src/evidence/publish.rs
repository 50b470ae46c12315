//! `platewarden evidence publish` and `log`: a request, and who asked how often.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use jiff::Timestamp;
use platewarden_community::{Moderation, Proof, RequestForm, RequestService};
use platewarden_footage::{
    AgencyCertificate, FootageRequest, PublicLog, Sought, WantedPlate, signing_key,
};
use platewarden_policy::model::{Agency, Fact, Jurisdiction};
use platewarden_trail::{FileStore, Trail, TrailOptions, TrailWriter};

use super::{read, read_json, write_json};
use crate::failure::{Outcome, about};
use crate::request::codes_in;

/// Sign and publish a request to residents
///
/// Another person than the one who submits it has to let it through; what the text gives away is flagged. Every step goes into the
/// audit trail, and the public log gets a line without a plate.
#[derive(Args)]
pub(super) struct Arguments {
    /// The form as JSON: case, purpose, what happened, area, window, investigator, recipients, law of retention, deadline
    form: PathBuf,
    /// A plate that is looked for; can be given several times
    #[arg(long, value_name = "PLATE")]
    plate: Vec<String>,
    /// Country or state of the plates, such as US-IL
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// The vehicle in words
    #[arg(long, value_name = "TEXT", default_value = "")]
    describe: String,
    /// The agency's certificate
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// The agency's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Key of the evidence account, its public half
    #[arg(long, value_name = "FILE")]
    evidence_key: PathBuf,
    /// Who submits the request
    #[arg(long, value_name = "USER")]
    officer: String,
    /// Who lets it through
    #[arg(long, value_name = "USER")]
    moderator: String,
    /// The moderator has seen every flag
    #[arg(long)]
    flags_acknowledged: bool,
    /// The audit trail
    #[arg(long, value_name = "DIR", default_value = "evidence-trail")]
    trail: PathBuf,
    /// The public log
    #[arg(long, value_name = "FILE", default_value = "requests.jsonl")]
    log: PathBuf,
    /// File for the signed request; what opens its line of the log goes beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let now = Timestamp::now();
    let form: RequestForm = read_json(&arguments.form)?;
    let certificate: AgencyCertificate = read_json(&arguments.certificate)?;
    let key = signing_key(&read(&arguments.key)?)?;
    let evidence_key = read(&arguments.evidence_key)?.trim().to_owned();
    let writer = TrailWriter::open(
        FileStore::writer(&arguments.trail)?,
        TrailOptions::default(),
    )?;
    let codes = codes_in(&Trail::new(FileStore::reader(&arguments.trail)?))?;
    let mut service = RequestService::new(writer, [0; 32]).with_codes(codes);
    let said = &certificate.statement;
    let agency = Agency {
        name: said.agency.name.clone(),
        ..Agency::new(said.agency.id.clone(), said.agency.kind, said.agency.state)
    };
    let agency = Agency {
        jurisdiction: Fact::Known(Jurisdiction::State(said.agency.state)),
        ..agency
    };
    let proof = Proof {
        verified_by: said.verified_by.clone(),
        evidence_account: said.agency.evidence_account.clone(),
    };
    let verified = service.verify(&agency, &proof, now)?;
    let draft = service.draft(&verified, form, &arguments.officer, now)?;
    let submitted = service
        .submit(draft, &arguments.officer, now)
        .map_err(platewarden_community::Error::from)?;
    for flag in &submitted.stage().flags {
        eprintln!("flag for the moderator: {flag}");
    }
    let mut moderation = Moderation::new(arguments.moderator.as_str());
    moderation.flags_acknowledged = arguments.flags_acknowledged;
    let published = service
        .publish(submitted, moderation, now)
        .map_err(platewarden_community::Error::from)?;

    let mut sought = Sought::default().described(arguments.describe.as_str());
    let plates = arguments.plate.iter().map(|text| WantedPlate {
        text: text.clone(),
        region: arguments.region.clone(),
    });
    sought.plates = plates.collect();
    let document = FootageRequest::sign(&published, sought, &evidence_key, certificate, &key)?;
    write_json(&arguments.out, &document)?;
    let (entry, opening) = PublicLog::append(&arguments.log, &document)?;
    write_json(&arguments.out.with_extension("opening.json"), &opening)?;
    println!(
        "{}: investigation code {}, number {} of {}",
        arguments.out.display(),
        entry.code,
        entry.number,
        arguments.log.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Check a public log, and count the requests of each agency
#[derive(Args)]
pub(super) struct LogArguments {
    /// The log
    log: PathBuf,
}

pub(super) fn log(arguments: &LogArguments) -> Outcome {
    if !arguments.log.exists() {
        return Err(about("read", &arguments.log)("there is none"));
    }
    let log = PublicLog::read(&arguments.log)?;
    println!(
        "{} requests, the chain is whole; its head is {}",
        log.entries().len(),
        log.head()?
    );
    for (agency, count) in log.by_agency() {
        println!("{count:>8} {agency}");
    }
    Ok(ExitCode::SUCCESS)
}
