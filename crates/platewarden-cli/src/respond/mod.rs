//! `platewarden respond`: a resident answers a request for footage, or does not.

mod ask;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use platewarden::Engine;
use platewarden_footage::{
    Cameras, ConsentNotice, Disclosed, FootageMatch, FootageRequest, ObscureOptions, PackageFolder,
    PackageReceiver, PackageServer, Prepared, Rules, Scanner, Selection, VerifiedRequest, obscure,
    seal_package,
};
use platewarden_policy::{engine::Policy, packs::Unverified};
use platewarden_video::redact::redaction_engine;

use crate::engine::EngineArguments;
use crate::evidence::{read, read_trust};
use crate::failure::{AnyError, Outcome, about, with_causes};
use crate::interrupt;

/// Answer a request for footage with what your own cameras recorded
///
/// The request is verified, then your rules and the law of your state are asked. Recordings within its window and area are read on
/// this machine; what does not match is forgotten as it is read. What matches is shown to you, with everything but the vehicle asked
/// for made unrecognisable, and a notice says what would leave, to whom, for how long. Nothing leaves without your yes, and nobody
/// learns of a no, or that there was nothing.
#[derive(Args)]
#[command(after_help = "\
Ends with 0 whatever you answer and whatever was found, 1 where something failed or the request is refused, 2 for wrong usage.

Example:
  platewarden respond request.json --footage recordings --cameras cameras.toml --trust trust.json --to https://evidence.example.org/in

docs/footage.md is the guide.")]
pub(crate) struct Arguments {
    /// The request, as the agency published it
    request: PathBuf,
    /// Folder of recordings, with a folder for each camera
    #[arg(long, value_name = "DIR")]
    footage: PathBuf,
    /// Where the cameras stand, and what their clocks are worth
    #[arg(long, value_name = "TOML")]
    cameras: PathBuf,
    /// Whom you trust to verify agencies, with their revocations
    #[arg(long, value_name = "JSON")]
    trust: PathBuf,
    /// Your own rules; without them every request is shown that the law lets be asked
    #[arg(long, value_name = "TOML")]
    rules: Option<PathBuf>,
    /// Where a package goes after your yes: a folder, or an https:// address
    #[arg(long, value_name = "DIR|URL")]
    to: String,
    /// Let your street address go along
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,
    /// Let your e-mail address go along
    #[arg(long, value_name = "TEXT")]
    email: Option<String>,
    #[command(flatten)]
    engine: EngineArguments,
}

/// Answers, or does not.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let trust = read_trust(&arguments.trust)?;
    let cameras: Cameras = read(&arguments.cameras)?.parse()?;
    let rules: Rules = match &arguments.rules {
        Some(path) => read(path)?.parse()?,
        None => Rules::default(),
    };
    let mut receiver = receiver(&arguments.to)?;
    let request =
        FootageRequest::from_json(&read(&arguments.request)?)?.verify(&trust, Timestamp::now())?;
    rules.admit(
        &request,
        &Policy::bundled(Unverified::Allow)?,
        Timestamp::now(),
    )?;
    describe(&request);
    let engine = Engine::builder()
        .options(arguments.engine.options())
        .build()?;
    let reader = engine_words(&engine);
    let found = search(arguments, &request, &cameras, &rules, engine)?;
    if found.is_empty() {
        // The same end as after a no.
        println!("nothing to decide");
        return Ok(ExitCode::SUCCESS);
    }

    // A signal is a no, and leaves as little behind.
    interrupt::install();
    // Removed when this function ends, whatever is answered. Its owner alone may look into it.
    let work = tempfile::Builder::new()
        .prefix("platewarden-respond-")
        .tempdir()?;
    let clips = prepare(arguments, found, work.path())?;
    let disclosed = Disclosed {
        address: arguments.address.clone(),
        email: arguments.email.clone(),
    };
    let notice = ConsentNotice::new(&request, clips, disclosed, Timestamp::now());
    println!("\n{}\n", notice.text());
    println!("Look at what would leave: {}", work.path().display());
    if !ask::is_yes(&format!("Hand it over to {}?", receiver.name()))? {
        println!("nothing left this machine");
        return Ok(ExitCode::SUCCESS);
    }
    let consent = notice.consent(Timestamp::now());
    // Revocations may have come in while the notice was read.
    let trust = read_trust(&arguments.trust)?;
    let out = work.path().join("package.pwseal");
    let package = seal_package(&request, &consent, &trust, &reader, Timestamp::now(), &out)?;
    receiver.receive(&package)?;
    println!(
        "handed over to {}: {} bytes, SHA-256 {}",
        receiver.name(),
        package.bytes,
        package.sha256
    );
    Ok(ExitCode::SUCCESS)
}

fn receiver(to: &str) -> Result<Box<dyn PackageReceiver>, AnyError> {
    Ok(if to.contains("://") {
        Box::new(PackageServer::new(to)?)
    } else {
        Box::new(PackageFolder(to.into()))
    })
}

fn describe(request: &VerifiedRequest) {
    let particulars = request.particulars();
    let form = particulars.form();
    println!(
        "{} asks, investigation code {}: {}",
        particulars.agency().name,
        particulars.code(),
        form.incident
    );
    println!(
        "{}, {} to {}",
        form.area.name(),
        form.window.start,
        form.window.end
    );
    if !request.body().description.is_empty() {
        println!("looked for: {}", request.body().description);
    }
}

fn search(
    arguments: &Arguments,
    request: &VerifiedRequest,
    cameras: &Cameras,
    rules: &Rules,
    engine: Engine,
) -> Result<Vec<FootageMatch>, AnyError> {
    let selection = Selection::of(request, cameras, &arguments.footage)?;
    for (path, why) in &selection.left_out {
        eprintln!("left out: {}: {why}", path.display());
    }
    let scanner = Scanner::new(engine, request, rules.least_probability)?;
    let mut found = Vec::new();
    let bar = ProgressBar::new(1000 * selection.within.len() as u64);
    for (number, footage) in selection.within.iter().enumerate() {
        let read = scanner.read(footage, &mut |share| {
            bar.set_position(1000 * number as u64 + (1000.0 * f64::from(share)) as u64);
            true
        });
        match read {
            Ok(matches) => found.extend(matches),
            // One bad recording does not spoil the others.
            Err(error) => {
                bar.suspend(|| eprintln!("{}: {}", footage.path.display(), with_causes(&error)))
            }
        }
    }
    bar.finish_and_clear();
    Ok(found)
}

/// Makes the clips, and a still of each match for the resident's eyes.
fn prepare(
    arguments: &Arguments,
    found: Vec<FootageMatch>,
    folder: &Path,
) -> Result<Vec<Prepared>, AnyError> {
    let options = ObscureOptions::default();
    let engine = redaction_engine(arguments.engine.options(), &options.redact)?;
    let mut clips = Vec::new();
    for (number, found) in found.into_iter().enumerate() {
        let ending = if found.footage.is_picture {
            "jpg"
        } else {
            "mp4"
        };
        let name = format!("clip-{}.{ending}", number + 1);
        let path = folder.join(&name);
        let obscured = obscure(&found, &engine, &options, &path)?;
        if let Some(still) = &found.still {
            let path = folder.join(format!("plate-{}.png", number + 1));
            still.save(&path).map_err(about("write", &path))?;
        }
        clips.push(Prepared {
            found,
            name,
            path,
            obscured,
        });
    }
    fs::write(
        folder.join("README.txt"),
        "Everything in this folder is removed when platewarden ends.\n",
    )?;
    Ok(clips)
}

/// Program and networks, for the manifest: which networks they were is told by their digests.
fn engine_words(engine: &Engine) -> String {
    let digest = |stated: &Option<String>| stated.clone().unwrap_or_else(|| "not stated".into());
    let networks = engine.networks().map(|networks| {
        let subdivision = networks
            .subdivision
            .as_ref()
            .map(|network| format!(", subdivisions SHA-256 {}", digest(&network.sha256)));
        format!(
            "; networks `{}`: detector SHA-256 {}, recogniser SHA-256 {}{}",
            networks.name,
            digest(&networks.detector.sha256),
            digest(&networks.recognizer.sha256),
            subdivision.unwrap_or_default()
        )
    });
    let precision = engine
        .precision()
        .map(|precision| format!(", run in {precision}"));
    format!(
        "platewarden {}{}{}",
        env!("CARGO_PKG_VERSION"),
        networks.unwrap_or_default(),
        precision.unwrap_or_default()
    )
}
