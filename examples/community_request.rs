//! The whole life of one request to residents for footage: who may post, moderation, a resident who declines, one who
//! withdraws, one who shares, the sealed hand-over, and the audit trail of it all.
//!
//! ```text
//! cargo run --example community_request -- --out out/community_request
//! ```
//!
//! Everything in it is made up. Not legal advice.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Parser;
use platewarden_audit::report::ReportBuilder;
use platewarden_community::{
    Area, Codes, CommunityRequest, Consent, Desk, Error, FolderEvidence, Given, Moderation,
    Position, Proof, Published, Recording, RequestForm, Resident, RetentionLaw, StoredConsent,
    VerifiedAgency,
};
use platewarden_policy::model::{
    Agency, AgencyKind, AgencyRef, Contact, Fact, FederalComponent, Jurisdiction, PurposeKind,
    State, TimeWindow, parse_instant,
};
use platewarden_trail::{
    self, CheckpointKey, ExportOptions, FileStore, Record, Redaction, Trail, TrailOptions,
    TrailWriter, VerifyOptions,
};

/// The whole life of one request to residents for footage.
#[derive(Parser)]
struct Arguments {
    /// Folder for the audit trail, the evidence and the reports.
    #[arg(long, default_value = "out/community_request")]
    out: PathBuf,
}

type Writer = TrailWriter<FileStore>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = Arguments::parse().out;
    let trail_folder = out.join("trail");
    let writer = TrailWriter::open(FileStore::writer(&trail_folder)?, TrailOptions::default())?;
    // A run before this one may have given out codes: the trail knows them.
    let codes = codes_in(&Trail::new(FileStore::reader(&trail_folder)?))?;
    let mut desk = Desk::new(writer, *b"a secret of 32 bytes, kept apart").with_codes(codes);
    let now = parse_instant("2026-11-22T15:00:00Z")?;

    println!("1. Who may post");
    refuse_federal(&mut desk)?;
    let agency = verify(&mut desk)?;

    println!("\n2. What may be asked");
    refuse_forms(&mut desk, &agency)?;
    let draft = desk.draft(&agency, form()?, "det-4", now)?;
    println!("   drafted: investigation code {}", draft.code());

    println!("\n3. Moderation");
    let submitted = desk.submit(draft, "det-4", now).map_err(Error::from)?;
    let submitted = match desk.publish(submitted, Moderation::new("det-4"), now) {
        Ok(_) => return Err("a request was published by the one who submitted it".into()),
        Err(stuck) => {
            println!("   {}", stuck.error);
            stuck.unchanged
        }
    };
    let request = desk
        .publish(submitted, Moderation::new("moderator-1"), now)
        .map_err(Error::from)?;
    println!("   published by {}", request.stage().moderator);

    println!("\n4. Residents");
    desk.invite(&request, resident(1)?)?.decline();
    println!("   resident 1 declines: nothing is written, nobody is told");
    let second = share(&mut desk, &request, 2)?;
    let second = desk.withdraw(second, now).map_err(Error::from)?;
    println!(
        "   resident 2 consents and withdraws at {}",
        second.stage().withdrawn_at
    );
    let third = share(&mut desk, &request, 3)?;
    println!("   resident 3 consents, having read:\n");
    for line in third.notice().text.lines() {
        println!("      | {line}");
    }

    println!("\n5. The hand-over");
    let mut evidence = FolderEvidence::new(out.join("evidence"))?;
    let third = desk
        .transfer(&request, third, &mut evidence, &mut footage(), now)
        .map_err(Error::from)?;
    let folder = out.join("evidence").join(&third.stage().evidence_id);
    let sealed = FolderEvidence::check(&folder)?;
    println!(
        "   sealed as {}\n   in {}",
        sealed.sha256(),
        folder.display()
    );
    match StoredConsent::Transferred(third).withdraw(&mut desk, now) {
        Ok(_) => return Err("a hand-over was withdrawn".into()),
        Err(stuck) => println!("   withdrawing now: {}", stuck.error),
    }
    let closed = desk.close(request, "det-4", now).map_err(Error::from)?;
    println!("   closed at {}", closed.stage().closed_at);

    println!("\n6. The audit trail");
    let key = CheckpointKey::generate()?;
    let checkpoint = desk.trail().checkpoint(&key)?;
    let trail = Trail::new(FileStore::reader(&trail_folder)?);
    for entry in trail.entries()? {
        let entry = entry?;
        if let Record::Community(step) = entry.record()? {
            let why = step
                .details
                .get("rule")
                .map(|rule| format!(" ({rule})"))
                .unwrap_or_default();
            println!(
                "   {:>3}  {:<18} {}{why}",
                entry.sequence(),
                step.step,
                step.actor
            );
        }
    }
    let options = VerifyOptions::default()
        .with_trusted_key(key.public())
        .with_checkpoint(checkpoint);
    let verification = trail.verify(&options)?;
    if let Some(fault) = verification.fault {
        return Err(fault.to_string().into());
    }
    println!(
        "   {} records verify, {} covered by a signed checkpoint",
        verification.records, verification.vouched
    );

    let copy = out.join("trail-public.jsonl");
    let records = trail::export(
        &trail,
        &ExportOptions::new(Redaction::public()),
        std::fs::File::create(&copy)?,
    )?;
    let checked = trail::verify_export(
        std::io::BufReader::new(std::fs::File::open(&copy)?),
        &[key.public()],
    )?;
    println!(
        "   public copy: {records} records, {} fields withheld, intact: {}",
        checked.withheld,
        checked.is_intact()
    );
    let report = ReportBuilder::new("Community requests of Springfield")
        .over_trail(&trail)?
        .finish();
    std::fs::write(out.join("report.html"), report.to_html())?;
    println!("   report: {}", out.join("report.html").display());
    Ok(())
}

fn refuse_federal(desk: &mut Desk<Writer>) -> Result<(), Box<dyn std::error::Error>> {
    let federal = Agency::federal("hsi-chicago", FederalComponent::Hsi);
    match desk.verify(&federal, &proof(), parse_instant("2026-11-22T14:00:00Z")?) {
        Ok(_) => Err("a federal agency was let in".into()),
        Err(refusal) => {
            println!("   {refusal}");
            Ok(())
        }
    }
}

fn verify(desk: &mut Desk<Writer>) -> Result<VerifiedAgency, Box<dyn std::error::Error>> {
    let police = Agency {
        name: "Springfield Police".into(),
        ..Agency::new("springfield-pd", AgencyKind::Local, State::Il)
    };
    let agency = desk.verify(&police, &proof(), parse_instant("2026-11-22T14:01:00Z")?)?;
    println!(
        "   {} is verified by {}",
        agency.agency().name,
        agency.verified_by()
    );
    Ok(agency)
}

/// Three forms that must not pass: a window too long, a federal agency behind the request, one that is not disclosed.
fn refuse_forms(
    desk: &mut Desk<Writer>,
    agency: &VerifiedAgency,
) -> Result<(), Box<dyn std::error::Error>> {
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
    for form in forms {
        match desk.draft(
            agency,
            form,
            "det-4",
            parse_instant("2026-11-22T14:30:00Z")?,
        ) {
            Ok(_) => return Err("a form that breaks a rule was let through".into()),
            Err(refusal) => println!("   {refusal}"),
        }
    }
    Ok(())
}

fn form() -> Result<RequestForm, Error> {
    let corner = |latitude, longitude| Position {
        latitude,
        longitude,
    };
    let outline = vec![
        corner(39.78, -89.66),
        corner(39.78, -89.64),
        corner(39.80, -89.64),
        corner(39.80, -89.66),
    ];
    Ok(RequestForm {
        case_number: "26-001234".into(),
        purpose: PurposeKind::HitAndRunOrSeriousCrash,
        incident: "A grey van struck a cyclist on Elm Street and left.".into(),
        area: Area::new("Elm Street", outline)?,
        window: TimeWindow {
            start: parse_instant("2026-11-21T18:00:00Z")?,
            end: parse_instant("2026-11-22T06:00:00Z")?,
        },
        investigator: Contact {
            name: "Det. Roe".into(),
            telephone: "217-555-0100".into(),
            ..Contact::default()
        },
        on_behalf_of: None,
        transfer_intended_to: Fact::Known(vec![AgencyRef::new(
            "sangamon-county-sheriff",
            AgencyKind::Local,
            State::Il,
        )]),
        retention_law: RetentionLaw {
            jurisdiction: Jurisdiction::State(State::Il),
            citation: "Local Records Act, 50 ILCS 205".into(),
            summary: "The agency may destroy it only with leave of the Local Records Commission."
                .into(),
        },
        responses_until: parse_instant("2026-11-29")?,
    })
}

fn proof() -> Proof {
    Proof {
        verified_by: "onboarding-2".into(),
        evidence_account: "springfield-evidence".into(),
    }
}

fn resident(number: u32) -> Result<Resident, Error> {
    Ok(Resident {
        account: format!("account-{number}"),
        address: format!("{number} Elm Street, Springfield"),
        email: format!("resident{number}@example.org"),
        location: Position {
            latitude: 39.79,
            longitude: -89.65,
        },
    })
}

fn footage() -> BTreeMap<String, Vec<u8>> {
    [("porch.mp4".to_owned(), b"two minutes of video".to_vec())].into()
}

/// A resident chooses a recording, is shown what goes along, and agrees to exactly that.
fn share(
    desk: &mut Desk<Writer>,
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
    let shown = desk
        .invite(request, resident(number)?)?
        .show_notice(recordings, at);
    let answer = shown.notice().sha256;
    desk.consent(request, shown, answer, at)
        .map_err(Error::from)
}

fn codes_in(trail: &Trail<FileStore>) -> Result<Codes, Error> {
    let mut codes = Codes::default();
    for entry in trail.entries()? {
        if let Ok(Record::Community(step)) = entry?.record()
            && let Ok(code) = step.investigation_code.parse()
        {
            codes.note(code);
        }
    }
    Ok(codes)
}
