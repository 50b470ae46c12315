//! What every page is made of: one shell, one escape, one way to write numbers, one chart.
//!
//! Pages load nothing from anywhere; a content security policy forbids it. Markup comes from [`maud`], which escapes
//! every text; [`text`] makes characters visible before that which could make a page say what it does not.

mod chart;
mod number;
mod page;
mod text;

pub(crate) use chart::{Bar, Part, bars, columns, mini, share_bar};
pub(crate) use number::{grouped, percent};
pub(crate) use page::{Page, shell};
pub(crate) use text::text;
