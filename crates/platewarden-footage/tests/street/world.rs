//! A made-up street: an agency with its keys, residents with their recordings.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use jiff::{SignedDuration, Timestamp};
use platewarden_community::{
    Area, CommunityRequest, Moderation, Position, Proof, Published, RequestForm, RequestService,
    RetentionLaw,
};
use platewarden_fixtures::{ClipRenderer, PlateMaker, clips};
use platewarden_footage::*;
use platewarden_policy::model::{
    Agency, AgencyKind, Contact, Fact, Jurisdiction, PurposeKind, State, TimeWindow,
};
use platewarden_trail::{MemoryStore, TrailOptions, TrailWriter};
use platewarden_video::redact::{VideoWriter, VideoWriterOptions};
use platewarden_video::source::{VideoFrame, find_ffmpeg};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When residents answer.
pub(crate) fn now() -> Timestamp {
    at("2026-11-22T16:00:00Z")
}

/// When the clips begin.
pub(crate) fn recorded() -> Timestamp {
    at("2026-11-21T21:00:00Z")
}

pub(crate) struct World {
    pub(crate) verifier: SigningKey,
    pub(crate) agency_key: SigningKey,
    pub(crate) evidence: EvidenceKey,
    pub(crate) certificate: AgencyCertificate,
    pub(crate) published: CommunityRequest<Published>,
    pub(crate) trust: Trust,
}

pub(crate) fn form() -> RequestForm {
    let corner = |latitude, longitude| Position {
        latitude,
        longitude,
    };
    RequestForm {
        case_number: "26-001234".into(),
        purpose: PurposeKind::HitAndRunOrSeriousCrash,
        incident: "A blue van struck a cyclist on Elm Street and left.".into(),
        area: Area::new(
            "Elm Street",
            vec![
                corner(39.78, -89.66),
                corner(39.78, -89.64),
                corner(39.80, -89.64),
                corner(39.80, -89.66),
            ],
        )
        .unwrap(),
        window: TimeWindow {
            start: at("2026-11-21T18:00:00Z"),
            end: at("2026-11-22T06:00:00Z"),
        },
        investigator: Contact {
            name: "Det. Roe".into(),
            telephone: "217-555-0100".into(),
            ..Contact::default()
        },
        on_behalf_of: None,
        transfer_intended_to: Fact::Known(vec![]),
        retention_law: RetentionLaw {
            jurisdiction: Jurisdiction::State(State::Il),
            citation: "Local Records Act, 50 ILCS 205".into(),
            summary: "The agency may destroy it only with leave of the Local Records Commission."
                .into(),
        },
        responses_until: at("2026-11-29T00:00:00Z"),
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(form())
    }

    pub(crate) fn with(form: RequestForm) -> Self {
        let (verifier, agency_key) = (new_signing_key().unwrap(), new_signing_key().unwrap());
        let trail = TrailWriter::open(MemoryStore::default(), TrailOptions::default()).unwrap();
        let mut service = RequestService::new(trail, [7; 32]);
        let police = Agency {
            name: "Springfield Police".into(),
            ..Agency::new("springfield-pd", AgencyKind::Local, State::Il)
        };
        let proof = Proof {
            verified_by: "onboarding-2".into(),
            evidence_account: "springfield-evidence".into(),
        };
        let agency = service
            .verify(&police, &proof, at("2026-11-01T00:00:00Z"))
            .unwrap();
        let certificate = AgencyCertificate::issue(
            &agency,
            &agency_key.verifying_key(),
            at("2027-11-01T00:00:00Z"),
            &verifier,
        )
        .unwrap();
        let time = at("2026-11-22T15:00:00Z");
        let draft = service.draft(&agency, form, "det-4", time).unwrap();
        let submitted = service.submit(draft, "det-4", time).unwrap();
        let published = service
            .publish(
                submitted,
                Moderation::new("mod-1").acknowledging_flags(),
                time,
            )
            .unwrap();
        let mut world = Self {
            verifier,
            agency_key,
            evidence: EvidenceKey::new().unwrap(),
            certificate,
            published,
            trust: Trust::default(),
        };
        world.trust = world.trust_without(vec![]);
        world
    }

    pub(crate) fn trust_without(&self, revoked: Vec<Revocation>) -> Trust {
        let list = RevocationList {
            revoked,
            issued_at: at("2026-11-20T00:00:00Z"),
            next_update: at("2026-12-20T00:00:00Z"),
            verifier: String::new(),
        };
        Trust {
            verifiers: vec![verifying_hex(&self.verifier.verifying_key())],
            revocations: vec![SignedRevocations::sign(list, &self.verifier).unwrap()],
        }
    }

    pub(crate) fn document(&self, sought: Sought) -> FootageRequest {
        FootageRequest::sign(
            &self.published,
            sought,
            self.evidence.public(),
            self.certificate.clone(),
            &self.agency_key,
        )
        .unwrap()
    }

    pub(crate) fn request(&self, plate: &str) -> VerifiedRequest {
        self.document(Sought::plate(plate))
            .verify(&self.trust, now())
            .unwrap()
    }
}

/// Writes a clip of the project's own as an MP4 file with sound, a place and a time in its metadata.
pub(crate) fn write_clip(name: &str, path: &Path, from: Timestamp) {
    let clips = clips();
    let clip = clips.iter().find(|clip| clip.name == name).unwrap();
    let maker = PlateMaker::bundled().unwrap();
    let renderer = ClipRenderer::new(&maker, clip);
    let plain = path.with_extension("plain.mp4");
    let mut writer = VideoWriter::create(&plain, VideoWriterOptions::default()).unwrap();
    for (number, index) in (0..clip.frames).step_by(3).enumerate() {
        let picture = renderer.frame(index).unwrap().picture;
        writer
            .write(&VideoFrame::from_image(
                picture,
                Duration::from_millis(120 * number as u64),
            ))
            .unwrap();
    }
    writer.finish().unwrap();
    let status = Command::new(find_ffmpeg())
        .args(["-loglevel", "error", "-i"])
        .arg(&plain)
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440",
            "-shortest",
            "-c:v",
            "copy",
            "-c:a",
            "aac",
        ])
        .args([
            "-metadata",
            &format!("creation_time={from}"),
            "-metadata",
            "location=+39.7900-089.6500/",
        ])
        .args(["-metadata", "comment=the resident's own words"])
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::remove_file(plain).unwrap();
}

pub(crate) fn cameras() -> Cameras {
    "[[camera]]\nname = \"porch\"\nlatitude = 39.79\nlongitude = -89.65\ntime_zone = \"America/Chicago\"\n".parse().unwrap()
}

/// A resident's folder with one recording of the porch camera.
pub(crate) fn resident(clip: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let porch = folder.path().join("porch");
    std::fs::create_dir(&porch).unwrap();
    let path = porch.join("evening.mp4");
    write_clip(clip, &path, recorded());
    (folder, path)
}

/// Every file below a folder, with its length.
pub(crate) fn files_below(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push((path.clone(), path.metadata().unwrap().len()));
        }
    }
    found.sort();
    found
}

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// As the tests of the video crate: left out without `ffmpeg`, unless that is required.
pub(crate) fn has_ffmpeg() -> bool {
    let found = Command::new(find_ffmpeg())
        .arg("-version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("PLATEWARDEN_REQUIRE_FFMPEG").is_none(),
        "ffmpeg is required and was not found"
    );
    if !found {
        eprintln!("left out: no ffmpeg");
    }
    found
}
