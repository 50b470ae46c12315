//! Folders of labelled pictures.
//!
//! `plates.csv` has a row for each plate: `file`, `x1`, `y1`, `x2`, `y2` (edges of its box in pixels of the picture), and
//! where known `text`, `flags` (words separated by spaces) and `corners` (eight numbers). `scenes.csv` lists the pictures:
//! `file`, and where wanted `split` and `source`; without it, the pictures are all those in the folder. Pictures lie in
//! `scenes/`, or beside the lists. `docs/accuracy.md` says what each column means.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    path::{Path, PathBuf},
};

use platewarden::{Point, Quad, Rect};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    failure::{AnyError, about},
    picture::is_picture,
};

/// A picture and the plates that people saw in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelledPicture {
    /// Its name.
    pub(crate) name: String,
    /// The group it counts for, such as the collection it is from.
    pub(crate) group: String,
    /// Its file.
    pub(crate) path: PathBuf,
    /// Its plates, and what looks like one and is none (flag `notplate`).
    pub(crate) plates: Vec<LabelledPlate>,
}

/// A plate that people saw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LabelledPlate {
    /// Left, top, right and bottom edge in pixels of the picture.
    pub(crate) edges: [f64; 4],
    /// Its corners, where they are known.
    pub(crate) corners: Option<Quad>,
    /// Its text; empty where nobody could read it.
    pub(crate) text: String,
    /// Remarks.
    pub(crate) flags: String,
}

/// Flags of plates whose text is no fair question: cut off, mirrored, in another script.
const UNFAIR: [&str; 8] = [
    "unreadable",
    "partial",
    "mirrored",
    "doubtful",
    "nonlatin",
    "notplate",
    "stacked",
    "carried",
];

impl LabelledPlate {
    /// Its box.
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a picture")]
    pub(crate) fn bounds(&self) -> Rect {
        let [left, top, right, bottom] = self.edges.map(|edge| edge as f32);
        Rect::from_edges(left, top, right, bottom)
    }

    /// Whether it is one, or only looks like it.
    pub(crate) fn is_plate(&self) -> bool {
        !self.has_flag("notplate")
    }

    /// The text to compare a read with, in the engine's letters and digits; `None` where people could not make it out.
    pub(crate) fn fair_text(&self) -> Option<String> {
        let text = normalized(&self.text);
        (!text.is_empty() && !UNFAIR.iter().any(|flag| self.has_flag(flag))).then_some(text)
    }

    fn has_flag(&self, flag: &str) -> bool {
        self.flags.split_whitespace().any(|word| word == flag)
    }
}

/// A text in capitals, without whatever is neither a Latin letter nor a digit.
pub(crate) fn normalized(text: &str) -> String {
    text.to_uppercase()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

#[derive(Deserialize)]
struct PictureRow {
    file: String,
    #[serde(default)]
    split: String,
    #[serde(default)]
    source: String,
}

#[derive(Deserialize)]
struct PlateRow {
    file: String,
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    flags: String,
    #[serde(default)]
    corners: String,
}

/// The pictures of a folder, in the order of its list; of one split where one is named.
///
/// # Errors
///
/// Where a list cannot be read, or no picture is left.
pub(crate) fn labelled_pictures(
    folder: &Path,
    split: Option<&str>,
) -> Result<Vec<LabelledPicture>, AnyError> {
    let mut plates: HashMap<String, Vec<LabelledPlate>> = HashMap::new();
    let labels = folder.join("plates.csv");
    for row in rows::<PlateRow>(&labels)? {
        plates
            .entry(row.file.clone())
            .or_default()
            .push(LabelledPlate {
                edges: [row.x1, row.y1, row.x2, row.y2],
                corners: corners(&row.corners).map_err(about("read", &labels))?,
                text: row.text,
                flags: row.flags,
            });
    }
    let scenes = folder.join("scenes");
    let place = if scenes.is_dir() { &scenes } else { folder };
    let pictures: Vec<LabelledPicture> = listed(folder, place)?
        .into_iter()
        .filter(|row| split.is_none_or(|split| row.split == split))
        .map(|row| LabelledPicture {
            path: place.join(&row.file),
            plates: plates.remove(&row.file).unwrap_or_default(),
            group: row.source,
            name: row.file,
        })
        .collect();
    if pictures.is_empty() {
        let which = split.map_or_else(String::new, |split| format!(" of split `{split}`"));
        return Err(format!("{} has no pictures{which}", folder.display()).into());
    }
    Ok(pictures)
}

/// The rows of `scenes.csv`, or one for each picture that is there.
fn listed(folder: &Path, place: &Path) -> Result<Vec<PictureRow>, AnyError> {
    let list = folder.join("scenes.csv");
    if list.exists() {
        return rows(&list);
    }
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(place).map_err(about("read", place))? {
        let path = entry.map_err(about("read", place))?.path();
        if is_picture(&path) {
            names.extend(
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned()),
            );
        }
    }
    Ok(names
        .into_iter()
        .map(|file| PictureRow {
            file,
            split: String::new(),
            source: String::new(),
        })
        .collect())
}

fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, AnyError> {
    let file = File::open(path).map_err(about("read", path))?;
    csv::Reader::from_reader(file)
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(about("read", path))
}

/// Eight numbers, or nothing: corners are known of some sources alone.
fn corners(text: &str) -> Result<Option<Quad>, String> {
    let numbers: Vec<f32> = text
        .split_whitespace()
        .map(|number| {
            number
                .parse()
                .map_err(|_| format!("`{number}` among the corners is no number"))
        })
        .collect::<Result<_, _>>()?;
    Ok(match numbers[..] {
        [ax, ay, bx, by, cx, cy, dx, dy] => Some(Quad::new(
            Point::new(ax, ay),
            Point::new(bx, by),
            Point::new(cx, cy),
            Point::new(dx, dy),
        )),
        _ => None,
    })
}
