//! Plates made unreadable, for good.
//!
//! The pixels of a plate are replaced, not overlaid, and what is written carries no metadata of the original: no EXIF, no
//! thumbnail, no attached picture. Areas are wider than the plates found, because corners are off by a pixel or two and a
//! tilted plate sticks out of an upright box.
//!
//! - pictures: [`areas_to_redact`] and [`redact_image`];
//! - video: [`VideoRedactor`], which carries areas through frames in which a plate was missed, and [`VideoWriter`].
//!
//! Run the detector at a low score for this ([`RedactOptions::RECOMMENDED_MIN_SCORE`]): a patch too many is better than a
//! plate too few.

mod areas;
mod carry;
mod coverage;
mod matroska;
mod options;
mod paint;
mod video;
mod writer;

pub use areas::areas_to_redact;
pub use coverage::coverage;
pub use options::{RedactOptions, RedactStyle};
pub use paint::{redact_frame, redact_image};
pub use video::{RedactionStatistics, VideoPlate, VideoRedactor};
pub use writer::{AudioTrack, VideoWriter, VideoWriterOptions};
