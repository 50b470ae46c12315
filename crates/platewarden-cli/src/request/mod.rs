//! `platewarden request`: a request to residents for footage, from the agency's verification to the sealed hand-over.

mod made_up;
mod trail;

pub(crate) use trail::codes_in;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use jiff::Timestamp;
use platewarden_community::{
    CommunityRequest, Consent, Error, FolderEvidence, Given, Moderation, Published, Recording,
    RequestForm, RequestService, StoredConsent, VerifiedAgency,
};
use platewarden_policy::model::{
    Agency, AgencyKind, AgencyRef, Fact, FederalComponent, State, TimeWindow, parse_instant,
};
use platewarden_trail::{FileStore, Trail, TrailOptions, TrailWriter};

use self::made_up::{footage, form, proof, resident};
use crate::failure::{AnyError, Outcome};

/// Show the whole life of one request to residents for footage
///
/// Who may post, moderation, a resident who declines, one who withdraws, one who shares, the sealed hand-over, and the
/// audit trail of it all. Everything in it is made up.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folder for the audit trail, the evidence and the reports
    #[arg(long, default_value = "out/community_request")]
    out: PathBuf,
}

type Writer = TrailWriter<FileStore>;

/// Plays the request through.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let out = &arguments.out;
    let trail_folder = out.join("trail");
    let writer = TrailWriter::open(FileStore::writer(&trail_folder)?, TrailOptions::default())?;
    // A run before this one may have given out codes: the trail knows them.
    let codes = trail::codes_in(&Trail::new(FileStore::reader(&trail_folder)?))?;
    let mut service =
        RequestService::new(writer, *b"a secret of 32 bytes, kept apart").with_codes(codes);
    let now = parse_instant("2026-11-22T15:00:00Z")?;

    println!("1. Who may post");
    refuse_federal(&mut service)?;
    let agency = verify(&mut service)?;

    println!("\n2. What may be asked");
    refuse_forms(&mut service, &agency)?;
    let request = publish(&mut service, &agency, now)?;

    println!("\n4. Residents");
    service.invite(&request, resident(1)?)?.decline();
    println!("   resident 1 declines: nothing is written, nobody is told");
    let second = share(&mut service, &request, 2)?;
    let second = service.withdraw(second, now).map_err(Error::from)?;
    println!(
        "   resident 2 consents and withdraws at {}",
        second.stage().withdrawn_at
    );
    let third = share(&mut service, &request, 3)?;
    println!("   resident 3 consents, having read:\n");
    for line in third.notice().text.lines() {
        println!("      | {line}");
    }

    println!("\n5. The hand-over");
    hand_over(&mut service, &request, third, out, now)?;
    let closed = service.close(request, "det-4", now).map_err(Error::from)?;
    println!("   closed at {}", closed.stage().closed_at);

    println!("\n6. The audit trail");
    trail::show(&mut service, out)?;
    Ok(ExitCode::SUCCESS)
}

fn refuse_federal(service: &mut RequestService<Writer>) -> Result<(), AnyError> {
    let federal = Agency::federal("hsi-chicago", FederalComponent::Hsi);
    match service.verify(&federal, &proof(), parse_instant("2026-11-22T14:00:00Z")?) {
        Ok(_) => Err("a federal agency was let in".into()),
        Err(refusal) => {
            println!("   {refusal}");
            Ok(())
        }
    }
}

fn verify(service: &mut RequestService<Writer>) -> Result<VerifiedAgency, AnyError> {
    let police = Agency {
        name: "Springfield Police".into(),
        ..Agency::new("springfield-pd", AgencyKind::Local, State::Il)
    };
    let agency = service.verify(&police, &proof(), parse_instant("2026-11-22T14:01:00Z")?)?;
    println!(
        "   {} is verified by {}",
        agency.agency().name,
        agency.verified_by()
    );
    Ok(agency)
}

/// Three forms that must not pass: a window too long, a federal agency behind the request, one that is not disclosed.
fn refuse_forms(
    service: &mut RequestService<Writer>,
    agency: &VerifiedAgency,
) -> Result<(), AnyError> {
    let good = form()?;
    let long = TimeWindow {
        start: parse_instant("2026-11-20T06:00:00Z")?,
        ..good.window
    };
    let forms = [
        RequestForm {
            window: long,
            ..good.clone()
        },
        RequestForm {
            on_behalf_of: Some(AgencyRef::federal(FederalComponent::Ero)),
            ..good.clone()
        },
        RequestForm {
            transfer_intended_to: Fact::Unknown,
            ..good
        },
    ];
    let at = parse_instant("2026-11-22T14:30:00Z")?;
    for form in forms {
        match service.draft(agency, form, "det-4", at) {
            Ok(_) => return Err("a form that breaks a rule was let through".into()),
            Err(refusal) => println!("   {refusal}"),
        }
    }
    Ok(())
}

/// Nobody publishes what they submitted themselves.
fn publish(
    service: &mut RequestService<Writer>,
    agency: &VerifiedAgency,
    now: Timestamp,
) -> Result<CommunityRequest<Published>, AnyError> {
    let draft = service.draft(agency, form()?, "det-4", now)?;
    println!("   drafted: investigation code {}", draft.code());

    println!("\n3. Moderation");
    let submitted = service.submit(draft, "det-4", now).map_err(Error::from)?;
    let submitted = match service.publish(submitted, Moderation::new("det-4"), now) {
        Ok(_) => return Err("a request was published by the one who submitted it".into()),
        Err(refused) => {
            println!("   {}", refused.error);
            refused.unchanged
        }
    };
    let request = service
        .publish(submitted, Moderation::new("moderator-1"), now)
        .map_err(Error::from)?;
    println!("   published by {}", request.stage().moderator);
    Ok(request)
}

/// A resident chooses a recording, is shown what goes along, and agrees to exactly that.
fn share(
    service: &mut RequestService<Writer>,
    request: &CommunityRequest<Published>,
    number: u32,
) -> Result<Consent<Given>, Error> {
    let (from, to) = (
        parse_instant("2026-11-21T20:10:00Z")?,
        parse_instant("2026-11-21T20:12:00Z")?,
    );
    let recordings = footage()
        .iter()
        .map(|(name, bytes)| Recording::read(name, from, to, bytes.as_slice()))
        .collect::<Result<_, _>>()?;
    let at = parse_instant("2026-11-22T15:00:00Z")?;
    let shown = service
        .invite(request, resident(number)?)?
        .show_notice(recordings, at);
    let answer = shown.notice().sha256;
    service
        .consent(request, shown, answer, at)
        .map_err(Error::from)
}

/// What was handed over is sealed, and a consent cannot be withdrawn after it.
fn hand_over(
    service: &mut RequestService<Writer>,
    request: &CommunityRequest<Published>,
    consent: Consent<Given>,
    out: &Path,
    now: Timestamp,
) -> Result<(), AnyError> {
    let mut evidence = FolderEvidence::new(out.join("evidence"))?;
    let consent = service
        .transfer(request, consent, &mut evidence, &mut footage(), now)
        .map_err(Error::from)?;
    let folder = out.join("evidence").join(&consent.stage().evidence_id);
    let sealed = FolderEvidence::check(&folder)?;
    println!(
        "   sealed as {}\n   in {}",
        sealed.sha256(),
        folder.display()
    );
    match StoredConsent::Transferred(consent).withdraw(service, now) {
        Ok(_) => Err("a hand-over was withdrawn".into()),
        Err(refused) => {
            println!("   withdrawing now: {}", refused.error);
            Ok(())
        }
    }
}
