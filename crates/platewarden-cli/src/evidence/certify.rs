//! `platewarden evidence certify` and `revoke`: the verifier's work.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use platewarden_community::{Proof, RequestService};
use platewarden_footage::{
    AgencyCertificate, Revocation, RevocationList, SignedRevocations, Trust, signing_key,
    verifying_hex, verifying_key,
};
use platewarden_policy::model::Agency;
use platewarden_trail::{FileStore, TrailOptions, TrailWriter};

use super::{read, read_json, read_trust, write_json};
use crate::failure::{AnyError, Outcome};

/// Hours in which a revocation list is in force: residents' machines need a newer one after it.
const LIST_HOURS: i64 = 30 * 24;

/// Certify an agency whose identity was checked
///
/// Local and state agencies in good standing alone can be certified. The verifier's key goes into the trust file, which residents
/// need, with a revocation list that is in force for 30 days; certify or revoke anything to renew it.
#[derive(Args)]
pub(super) struct Arguments {
    /// The agency as JSON: id, name, kind, jurisdiction
    agency: PathBuf,
    /// Who checked that the agency is what it says
    #[arg(long, value_name = "NAME")]
    verified_by: String,
    /// The agency's account at its evidence system
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// The verifier's key
    #[arg(long, value_name = "FILE")]
    verifier: PathBuf,
    /// The key by which the agency signs requests, its public half
    #[arg(long, value_name = "FILE")]
    agency_key: PathBuf,
    /// Days for which the certificate holds
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=1830))]
    days: u32,
    /// The trust file, made where there is none
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// The audit trail of verifications
    #[arg(long, value_name = "DIR", default_value = "evidence-trail")]
    trail: PathBuf,
    /// File for the certificate
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Outcome {
    let now = Timestamp::now();
    let agency: Agency = read_json(&arguments.agency)?;
    let verifier = signing_key(&read(&arguments.verifier)?)?;
    let key = verifying_key(&read(&arguments.agency_key)?)?;
    let trail = TrailWriter::open(
        FileStore::writer(&arguments.trail)?,
        TrailOptions::default(),
    )?;
    let mut service = RequestService::new(trail, [0; 32]);
    let proof = Proof {
        verified_by: arguments.verified_by.clone(),
        evidence_account: arguments.account.clone(),
    };
    let verified = service.verify(&agency, &proof, now)?;
    let until = now.checked_add(SignedDuration::from_hours(24 * i64::from(arguments.days)))?;
    let certificate = AgencyCertificate::issue(&verified, &key, until, &verifier)?;
    write_json(&arguments.out, &certificate)?;
    renew(&arguments.trust, &verifier, now, None)?;
    println!(
        "{}: {} may ask residents until {until}; verified by {}",
        arguments.out.display(),
        certificate.statement.agency.name,
        certificate.statement.verified_by
    );
    Ok(ExitCode::SUCCESS)
}

/// Revoke an agency's key: nothing is handed over to it any more
#[derive(Args)]
pub(super) struct RevokeArguments {
    /// The agency's key, its public half
    agency_key: PathBuf,
    /// Why, as residents read it
    #[arg(long)]
    reason: String,
    /// The verifier's key
    #[arg(long, value_name = "FILE")]
    verifier: PathBuf,
    /// The trust file
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
}

pub(super) fn revoke(arguments: &RevokeArguments) -> Outcome {
    let now = Timestamp::now();
    let key = read(&arguments.agency_key)?.trim().to_owned();
    verifying_key(&key)?;
    let verifier = signing_key(&read(&arguments.verifier)?)?;
    let revocation = Revocation {
        key,
        at: now,
        reason: arguments.reason.clone(),
    };
    renew(&arguments.trust, &verifier, now, Some(revocation))?;
    println!("revoked from {now} on: {}", arguments.reason);
    Ok(ExitCode::SUCCESS)
}

/// Writes a newer revocation list of the verifier into the trust file, with one revocation more.
fn renew(
    path: &std::path::Path,
    verifier: &ed25519_dalek::SigningKey,
    now: Timestamp,
    more: Option<Revocation>,
) -> Result<(), AnyError> {
    let mut trust = if path.exists() {
        read_trust(path)?
    } else {
        Trust::default()
    };
    let mut list = RevocationList {
        revoked: Vec::new(),
        issued_at: now,
        next_update: now.checked_add(SignedDuration::from_hours(LIST_HOURS))?,
        verifier: verifying_hex(&verifier.verifying_key()),
    };
    let own = trust
        .revocations
        .iter()
        .filter(|known| known.list.verifier == list.verifier);
    if let Some(before) = own.max_by_key(|known| known.list.issued_at) {
        list.revoked.clone_from(&before.list.revoked);
    }
    list.revoked.extend(more);
    trust
        .revocations
        .retain(|known| known.list.verifier != list.verifier);
    if !trust.verifiers.contains(&list.verifier) {
        trust.verifiers.push(list.verifier.clone());
    }
    trust
        .revocations
        .push(SignedRevocations::sign(list, verifier)?);
    write_json(path, &trust)
}
