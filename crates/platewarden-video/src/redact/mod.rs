//! Plates made unreadable, for good.
//!
//! The pixels of a plate are replaced, not overlaid, and what is written carries no metadata of the original: no EXIF, no
//! thumbnail, no attached picture. Areas are wider than the plates found, because corners are off by a pixel or two and a
//! tilted plate sticks out of an upright box.
//!
//! - pictures: [`areas_to_redact`] and [`redact_image`];
//! - video: [`VideoRedactor`], which carries areas through frames in which a plate was missed, and [`VideoWriter`].
//!
//! Both search with [`find_plates`], which needs an engine of [`redaction_engine`]: a patch too many is better than a plate
//! too few, so that scores are low, pictures are searched in parts as well as whole, and of detections that overlap none is
//! taken for a copy of another.

mod areas;
mod carry;
mod coverage;
mod matroska;
mod options;
mod paint;
mod search;
mod video;
mod writer;

pub use areas::{areas_to_redact, plates_to_keep};
pub use coverage::coverage;
pub use options::{RedactOptions, RedactStyle};
pub use paint::{redact_frame, redact_image};
pub use search::{find_plates, redaction_engine};
pub use video::{RedactionStatistics, VideoPlate, VideoRedactor};
pub use writer::{AudioTrack, VideoWriter, VideoWriterOptions};
