//! What a user can ask of the engine.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::{Backend, Error, ExecutionProvider, Limits, RegionOfInterest, Result, syntax::Region};

/// How an [`Engine`](crate::Engine) works. The defaults read photographs of any kind.
///
/// ```
/// use platewarden::{Backend, EngineOptions};
///
/// let options = EngineOptions::default().with_backend(Backend::Embedded).with_threads(2).with_min_confidence(0.5);
/// assert_eq!(options.max_candidates, 5);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Manifest of the networks to run. `None`: the ones that come with the crate (feature `bundled-models`).
    pub models: Option<PathBuf>,
    /// The library that runs the networks. Default: [`Backend::Auto`].
    pub backend: Backend,
    /// The device that ONNX Runtime runs them on. Default: the CPU.
    pub execution_provider: ExecutionProvider,
    /// Whether networks run in 8-bit integers. Default: where that is faster.
    pub precision: Precision,
    /// The ONNX Runtime library to load. `None`: it is searched for, as
    /// [`find_onnxruntime_libraries`](crate::backend::find_onnxruntime_libraries) says.
    pub onnxruntime_library: Option<PathBuf>,
    /// Smallest detection score of a plate, 0 to 1. `None`: what the detector's manifest says.
    pub min_detection_score: Option<f32>,
    /// Smallest confidence of a text, 0 to 1; plates whose text is less sure are left out. Default: 0.
    pub min_confidence: f32,
    /// Smallest width and height of a plate in pixels of the frame; smaller ones are left out. Default: 12 and 4, below
    /// which no text can be read.
    pub min_plate_size: (f32, f32),
    /// Whether plates that were found but show no text that can be read are reported, with an empty text. Default: true.
    pub keep_unread: bool,
    /// Most plates reported for a frame, those with the best detection scores. Default: 64.
    pub max_plates: usize,
    /// Where plates count: a plate whose centre lies elsewhere is left out. Default: everywhere.
    pub region_of_interest: RegionOfInterest,
    /// Candidates kept for each plate. Default: 5.
    pub max_candidates: usize,
    /// Whether registration formats weigh in when texts are ranked and the region is guessed. Default: true.
    pub syntax: bool,
    /// Regions whose plates are expected, as codes of ISO 3166 (`DE`, `US-CA`); plates from elsewhere are still read.
    /// Default: none, which expects the whole world.
    pub expected_regions: Vec<Region>,
    /// Whether only the formats of [`expected_regions`](Self::expected_regions) count when texts are ranked, and count for
    /// more than what was read where both disagree. Texts are still those that the recogniser finds possible: a plate from
    /// elsewhere keeps its text, with less confidence. Has no effect without expected regions. Default: false.
    pub strict_regions: bool,
    /// Threads of a pool of the engine's own for [`read_batch`](crate::Engine::read_batch) and
    /// [`reads`](crate::Engine::reads). `None`: the rayon pool of the caller. Default: `None`.
    pub threads: Option<usize>,
    /// Whether large frames are also searched in overlapping tiles, for plates too small to be found in the whole.
    /// Default: `None`.
    pub tiling: Option<TilingOptions>,
    /// Whether frames so large that plates 40 pixels wide would be lost in them are searched in tiles by themselves, where
    /// [`tiling`](Self::tiling) does not say how: with the bundled detector frames more than 3,200 pixels wide or 1,900
    /// high. A frame of 3840x2160 then takes about five times as long to search. Default: true.
    pub auto_tiling: bool,
    /// Whether each picture is a plate and little else, as another detector cuts it out: the one plate that covers most of
    /// it is read, or the whole picture where none is found. Default: false, which takes pictures shaped like a plate for
    /// one.
    pub is_crop: bool,
    /// Whether a plate-shaped picture, and a large plate at the edge of one, are looked at again with room around them, which
    /// is how a detector that learned from streets finds them. Off gives a network's own boxes and nothing else, for
    /// comparisons with what else runs it; [`is_crop`](Self::is_crop) looks again all the same. Default: true.
    pub close_ups: bool,
    /// Whether plates that are rolled or sheared are read, and told, at corners that follow their edges, where the detector's
    /// do not. Off reads at the corners that the detector or the caller gives, whatever the picture shows. Default: true.
    pub deskew: bool,
    /// Whether doubtful plates are cut out again a little wider and a little closer (and at the detector's own corners, where
    /// [`deskew`](Self::deskew) moved them), and the readings vote. Sure ones are not looked at again. Default: true.
    pub second_look: bool,
    /// Whether plates of a country whose states the manifest has a network for (the United States) are looked at by it as well; off
    /// leaves [`region`](crate::PlateRead::region) to the recogniser and the formats. Default: true.
    pub subdivisions: bool,
    /// Whether a frame in which no text is read for sure is read upside-down and on either side as well, which takes three
    /// times as long again; of the four the surest counts. Default: false.
    pub turned: bool,
    /// Limits on the size of frames.
    pub limits: Limits,
}

/// The arithmetic that networks are run in, where their manifest has a file for each.
///
/// ```
/// use platewarden::{Backend, EngineOptions, Precision};
///
/// let reference = EngineOptions::default().with_precision(Precision::Fp32);
/// assert_eq!("int8".parse::<Precision>()?, Precision::Int8);
/// # Ok::<(), platewarden::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// On ONNX Runtime on a CPU that multiplies bytes in one instruction (VNNI, ARM's dot products) 8-bit integers, which take about
    /// half the time there; on other CPUs whichever is faster, measured once in a process while the first engine is built (a tenth of
    /// a second); on the embedded backend, which is slower with integers, and on other devices 32-bit floating point.
    /// [`Engine::precision`](crate::Engine::precision) tells what it came to.
    #[default]
    Auto,
    /// 32-bit floating point.
    Fp32,
    /// 8-bit integers, where the manifest has them.
    Int8,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Fp32 => "fp32",
            Self::Int8 => "int8",
        })
    }
}

impl FromStr for Precision {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self> {
        match s {
            "auto" => Ok(Self::Auto),
            "fp32" => Ok(Self::Fp32),
            "int8" => Ok(Self::Int8),
            other => Err(Error::from(Failure::InvalidOption {
                option: "precision",
                expected: "auto, fp32 or int8".into(),
                found: format!("`{other}`"),
            })),
        }
    }
}

/// When and how frames are searched in tiles as well.
///
/// Each tile costs as much as a whole frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TilingOptions {
    /// Width in pixels of the frame of the smallest plate to find. Default: 32.
    pub min_plate_width: f32,
    /// Width in pixels of the detector's input below which a plate is hard to find. Default: 16.
    pub visible_width: f32,
}

impl Default for TilingOptions {
    fn default() -> Self {
        Self {
            min_plate_width: 32.0,
            visible_width: 16.0,
        }
    }
}

impl TilingOptions {
    /// Tiles for plates down to this width in pixels of the frame.
    #[must_use]
    pub fn for_plates_of(min_plate_width: f32) -> Self {
        Self {
            min_plate_width,
            ..Self::default()
        }
    }
}

impl TilingOptions {
    /// Frame pixels for each pixel of the detector's input beyond which a plate 40 pixels wide is lost: it would be less
    /// than 8 pixels wide there, which no detector finds.
    const MOST_SHRUNK: f32 = 5.0;

    /// Whether plates 40 pixels wide are lost in a frame of this size where it is searched as a whole.
    pub(crate) fn is_needed(frame: (u32, u32), input: (u32, u32)) -> bool {
        let across = frame.0 as f32 / input.0.max(1) as f32;
        across.max(frame.1 as f32 / input.1.max(1) as f32) > Self::MOST_SHRUNK
    }

    /// How large frames are cut by themselves: four tiles for 3840x2160.
    pub(crate) fn for_large_frames() -> Self {
        Self {
            min_plate_width: 40.0,
            visible_width: 12.0,
        }
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            models: None,
            backend: Backend::Auto,
            execution_provider: ExecutionProvider::Cpu,
            precision: Precision::Auto,
            onnxruntime_library: None,
            min_detection_score: None,
            min_confidence: 0.0,
            min_plate_size: (12.0, 4.0),
            keep_unread: true,
            max_plates: 64,
            region_of_interest: RegionOfInterest::everywhere(),
            max_candidates: 5,
            syntax: true,
            expected_regions: Vec::new(),
            strict_regions: false,
            threads: None,
            tiling: None,
            auto_tiling: true,
            is_crop: false,
            close_ups: true,
            deskew: true,
            second_look: true,
            subdivisions: true,
            turned: false,
            limits: Limits::default(),
        }
    }
}

/// One setter for each option.
macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident($option:ident: $type:ty) = $value:expr;)*) => {
        impl EngineOptions {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $setter(mut self, $option: $type) -> Self {
                    self.$option = $value;
                    self
                }
            )*
        }
    };
}

setters! {
    /// Sets [`models`](Self::models) to a manifest.
    with_models(models: impl Into<PathBuf>) = Some(models.into());
    /// Sets [`backend`](Self::backend).
    with_backend(backend: Backend) = backend;
    /// Sets [`execution_provider`](Self::execution_provider).
    with_execution_provider(execution_provider: ExecutionProvider) = execution_provider;
    /// Sets [`precision`](Self::precision).
    with_precision(precision: Precision) = precision;
    /// Sets [`onnxruntime_library`](Self::onnxruntime_library) to a file.
    with_onnxruntime_library(onnxruntime_library: impl Into<PathBuf>) = Some(onnxruntime_library.into());
    /// Sets [`min_detection_score`](Self::min_detection_score).
    with_min_detection_score(min_detection_score: f32) = Some(min_detection_score);
    /// Sets [`min_confidence`](Self::min_confidence).
    with_min_confidence(min_confidence: f32) = min_confidence;
    /// Sets [`min_plate_size`](Self::min_plate_size): width and height.
    with_min_plate_size(min_plate_size: (f32, f32)) = min_plate_size;
    /// Sets [`keep_unread`](Self::keep_unread).
    with_keep_unread(keep_unread: bool) = keep_unread;
    /// Sets [`max_plates`](Self::max_plates).
    with_max_plates(max_plates: usize) = max_plates;
    /// Sets [`region_of_interest`](Self::region_of_interest).
    with_region_of_interest(region_of_interest: RegionOfInterest) = region_of_interest;
    /// Sets [`max_candidates`](Self::max_candidates).
    with_max_candidates(max_candidates: usize) = max_candidates;
    /// Sets [`syntax`](Self::syntax).
    with_syntax(syntax: bool) = syntax;
    /// Sets [`expected_regions`](Self::expected_regions).
    with_expected_regions(expected_regions: impl IntoIterator<Item = Region>) =
        expected_regions.into_iter().collect();
    /// Sets [`strict_regions`](Self::strict_regions).
    with_strict_regions(strict_regions: bool) = strict_regions;
    /// Sets [`threads`](Self::threads).
    with_threads(threads: usize) = Some(threads);
    /// Sets [`tiling`](Self::tiling).
    with_tiling(tiling: TilingOptions) = Some(tiling);
    /// Sets [`auto_tiling`](Self::auto_tiling).
    with_auto_tiling(auto_tiling: bool) = auto_tiling;
    /// Sets [`is_crop`](Self::is_crop).
    with_is_crop(is_crop: bool) = is_crop;
    /// Sets [`close_ups`](Self::close_ups).
    with_close_ups(close_ups: bool) = close_ups;
    /// Sets [`deskew`](Self::deskew).
    with_deskew(deskew: bool) = deskew;
    /// Sets [`second_look`](Self::second_look).
    with_second_look(second_look: bool) = second_look;
    /// Sets [`subdivisions`](Self::subdivisions).
    with_subdivisions(subdivisions: bool) = subdivisions;
    /// Sets [`turned`](Self::turned).
    with_turned(turned: bool) = turned;
    /// Sets [`limits`](Self::limits).
    with_limits(limits: Limits) = limits;
}

impl EngineOptions {
    /// Checks that every option lies in its range.
    ///
    /// # Errors
    ///
    /// [`InvalidOption`](crate::ErrorKind::InvalidOption) for the first that does not.
    pub fn validate(&self) -> Result<()> {
        let invalid = |option, expected: &str, found: String| {
            Err(Error::from(Failure::InvalidOption {
                option,
                expected: expected.into(),
                found,
            }))
        };
        let share = |value: f32| (0.0..=1.0).contains(&value);
        if let Some(score) = self.min_detection_score.filter(|&score| !share(score)) {
            return invalid(
                "min_detection_score",
                "a number from 0 to 1",
                score.to_string(),
            );
        }
        if !share(self.min_confidence) {
            return invalid(
                "min_confidence",
                "a number from 0 to 1",
                self.min_confidence.to_string(),
            );
        }
        let (width, height) = self.min_plate_size;
        if !(width >= 0.0 && height >= 0.0 && width.is_finite() && height.is_finite()) {
            return invalid(
                "min_plate_size",
                "a width and a height in pixels",
                format!("{width} and {height}"),
            );
        }
        if self.max_candidates == 0 || self.max_candidates > 50 {
            return invalid(
                "max_candidates",
                "a number from 1 to 50",
                self.max_candidates.to_string(),
            );
        }
        if self
            .threads
            .is_some_and(|threads| threads == 0 || threads > 4096)
        {
            return invalid(
                "threads",
                "a number from 1 to 4096",
                self.threads.unwrap_or_default().to_string(),
            );
        }
        if let Some(tiling) = self.tiling
            && !(tiling.min_plate_width > 0.0 && tiling.visible_width > 0.0)
        {
            return invalid("tiling", "widths above 0 pixels", format!("{tiling:?}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
