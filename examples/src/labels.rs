//! Folders of labelled pictures: `scenes/`, `scenes.csv` (columns `file` and `split`) and `plates.csv` (columns `file`, `x1`,
//! `y1`, `x2`, `y2`, `text`, `flags`).

use std::{
    collections::HashMap,
    error::Error,
    path::{Path, PathBuf},
};

use platewarden::Rect;
use serde::Deserialize;

/// A picture and the plates that people saw in it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledPicture {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// Its plates, those marked `notplate` left out.
    pub plates: Vec<LabelledPlate>,
}

/// A plate that people saw.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledPlate {
    /// Its box in pixels of the picture.
    pub bounds: Rect,
    /// Its text; empty where nobody could read it.
    pub text: String,
    /// Remarks.
    pub flags: String,
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
    /// The text to compare a read with, in the engine's letters and digits; `None` where people could not tell it.
    pub fn fair_text(&self) -> Option<String> {
        let unfair = self
            .flags
            .split_whitespace()
            .any(|flag| UNFAIR.contains(&flag));
        let text: String = self
            .text
            .to_uppercase()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        (!unfair && !text.is_empty()).then_some(text)
    }
}

#[derive(Deserialize)]
struct SceneRow {
    file: String,
    split: String,
}

#[derive(Deserialize)]
struct PlateRow {
    file: String,
    x1: f32,
    y1: f32,
    x2: f32,
    y2: f32,
    #[serde(default)]
    text: String,
    #[serde(default)]
    flags: String,
}

/// The pictures of one split of a folder, in the order of its list.
///
/// # Errors
/// Where a list cannot be read, or has no picture of that split.
pub fn labelled_pictures(
    folder: &Path,
    split: &str,
) -> Result<Vec<LabelledPicture>, Box<dyn Error>> {
    let mut plates: HashMap<String, Vec<LabelledPlate>> = HashMap::new();
    for row in csv::Reader::from_path(folder.join("plates.csv"))?.deserialize() {
        let row: PlateRow = row?;
        if row.flags.split_whitespace().any(|flag| flag == "notplate") {
            continue;
        }
        plates.entry(row.file).or_default().push(LabelledPlate {
            bounds: Rect::from_edges(row.x1, row.y1, row.x2, row.y2),
            text: row.text,
            flags: row.flags,
        });
    }
    let mut pictures = Vec::new();
    for row in csv::Reader::from_path(folder.join("scenes.csv"))?.deserialize() {
        let row: SceneRow = row?;
        if row.split == split {
            pictures.push(LabelledPicture {
                path: folder.join("scenes").join(&row.file),
                plates: plates.remove(&row.file).unwrap_or_default(),
                name: row.file,
            });
        }
    }
    if pictures.is_empty() {
        return Err(format!("{} has no pictures of split `{split}`", folder.display()).into());
    }
    Ok(pictures)
}
