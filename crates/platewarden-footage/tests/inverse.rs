//! On labelled photographs: what is readable of the plates that were not asked for.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail, and tells figures"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use platewarden::{EngineOptions, Frame, Rect};
use platewarden_footage::{Footage, FootageMatch, ObscureOptions, PlateAt, obscure};
use platewarden_video::redact::{RedactOptions, find_plates, redaction_engine};

struct Labelled {
    bounds: Rect,
    text: String,
}

/// The plates of the pictures of a split that show two or more.
fn labelled(folder: &Path, wanted: &str) -> BTreeMap<PathBuf, Vec<Labelled>> {
    let text = std::fs::read_to_string(folder.join("plates.csv")).unwrap();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let (file, split, plate) = (column("file"), column("split"), column("text"));
    let corners = ["x1", "y1", "x2", "y2"].map(column);
    let mut pictures: BTreeMap<PathBuf, Vec<Labelled>> = BTreeMap::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[split] != wanted {
            continue;
        }
        let [x1, y1, x2, y2] = corners.map(|at| cells[at].parse::<f32>().unwrap());
        let bounds = Rect::from_edges(x1, y1, x2, y2);
        let text = cells[plate].to_owned();
        pictures
            .entry(folder.join("scenes").join(cells[file]))
            .or_default()
            .push(Labelled { bounds, text });
    }
    pictures.retain(|_, plates| plates.len() > 1);
    pictures
}

#[derive(Default)]
struct Count {
    targets: usize,
    others: usize,
    readable: usize,
    kept: f32,
}

/// At most 0.2 % of the plates that were not asked for may be readable. `dev` alone was never trained on, and shows too few
/// neighbours for such a share; `train` counts them where the detector knows the pictures.
#[test]
#[ignore = "needs ../shared"]
fn plates_not_asked_for_are_unreadable_in_what_leaves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut all = Count::default();
    for split in ["dev", "train"] {
        let count = count(&labelled(&folder, split));
        eprintln!(
            "{split}: {} plates asked for in turn, {:.1} % of the picture kept on average; {} of {} others readable",
            count.targets,
            100.0 * count.kept / count.targets as f32,
            count.readable,
            count.others
        );
        all.others += count.others;
        all.readable += count.readable;
    }
    assert!(all.others > 200, "{}", all.others);
    assert!(
        all.readable as f32 <= 0.002 * all.others as f32,
        "{} of {}",
        all.readable,
        all.others
    );
}

fn count(pictures: &BTreeMap<PathBuf, Vec<Labelled>>) -> Count {
    let options = ObscureOptions::default();
    let covering = redaction_engine(EngineOptions::default(), &options.redact).unwrap();
    let sensitive = RedactOptions::default().with_min_score(0.02);
    let reading = redaction_engine(EngineOptions::default(), &sensitive).unwrap();
    let work = tempfile::tempdir().unwrap();
    let mut count = Count::default();
    for (path, plates) in pictures {
        let read = plates
            .iter()
            .enumerate()
            .filter(|(_, plate)| !plate.text.is_empty());
        for (number, target) in read {
            let is_other = |other: &&Labelled| !other.text.is_empty() && other.text != target.text;
            let others: Vec<&Labelled> = plates.iter().filter(is_other).collect();
            if others.is_empty() {
                continue;
            }
            let out = work.path().join(format!("{number}.jpg"));
            let obscured = obscure(&found(path, target), &covering, &options, &out).unwrap();
            let picture = image::open(&out).unwrap().to_rgb8();
            let frame = Frame::from(&picture);
            let plates = find_plates(&reading, &frame, &sensitive).unwrap();
            let reads = reading.recognize(&frame, &plates).unwrap();
            let texts: Vec<String> = reads.into_iter().flatten().map(|read| read.text).collect();
            count.targets += 1;
            count.kept += obscured.mean_kept();
            count.others += others.len();
            for other in others.iter().filter(|other| texts.contains(&other.text)) {
                count.readable += 1;
                eprintln!(
                    "{}: {} is readable beside {}",
                    path.display(),
                    other.text,
                    target.text
                );
            }
        }
    }
    count
}

fn found(path: &Path, target: &Labelled) -> FootageMatch {
    let time: Timestamp = "2026-11-21T21:00:00Z".parse().unwrap();
    FootageMatch {
        footage: Footage {
            path: path.to_owned(),
            camera: "porch".into(),
            from: time,
            to: time,
            is_picture: true,
        },
        wanted: target.text.clone(),
        read: target.text.clone(),
        texts: vec![target.text.clone()],
        revealed: None,
        probability: 1.0,
        seen: (time, time),
        path: vec![PlateAt {
            at: Duration::ZERO,
            bounds: target.bounds,
        }],
        still: None,
    }
}
