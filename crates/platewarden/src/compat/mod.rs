//! What other packages do, to the pixel: for networks that were trained on it and answer anything else with other boxes and
//! texts.
//!
//! Nothing of it is used by the project's own networks. Of the contracts, `yolo-end2end` has its boxes from [`fastalpr`]
//! and `slots` its crops; that slots never collapse is said where texts are searched, since CTC differs in that alone.

pub(crate) mod fastalpr;
pub(crate) mod opencv;
