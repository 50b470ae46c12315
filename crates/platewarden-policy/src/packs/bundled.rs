//! The packs compiled into the crate.

/// The engine's own rules.
pub(super) const ENGINE: (&str, &str) = ("engine.toml", include_str!("../../packs/engine.toml"));

/// Every bundled pack by file name; in order, so that sets are always built alike.
pub(super) const PACKS: &[(&str, &str)] = &[
    ENGINE,
    (
        "agency-default.toml",
        include_str!("../../packs/agency-default.toml"),
    ),
    ("de.toml", include_str!("../../packs/de.toml")),
    ("eu-led.toml", include_str!("../../packs/eu-led.toml")),
    ("gb.toml", include_str!("../../packs/gb.toml")),
    ("store-age.toml", include_str!("../../packs/store-age.toml")),
    (
        "store-hotlist.toml",
        include_str!("../../packs/store-hotlist.toml"),
    ),
    (
        "store-plateless.toml",
        include_str!("../../packs/store-plateless.toml"),
    ),
    (
        "store-repeat.toml",
        include_str!("../../packs/store-repeat.toml"),
    ),
    (
        "store-structured.toml",
        include_str!("../../packs/store-structured.toml"),
    ),
    ("us-al.toml", include_str!("../../packs/us-al.toml")),
    ("us-ar.toml", include_str!("../../packs/us-ar.toml")),
    ("us-ca.toml", include_str!("../../packs/us-ca.toml")),
    ("us-co.toml", include_str!("../../packs/us-co.toml")),
    ("us-ct.toml", include_str!("../../packs/us-ct.toml")),
    ("us-dc.toml", include_str!("../../packs/us-dc.toml")),
    (
        "us-federal.toml",
        include_str!("../../packs/us-federal.toml"),
    ),
    ("us-fl.toml", include_str!("../../packs/us-fl.toml")),
    ("us-ga.toml", include_str!("../../packs/us-ga.toml")),
    ("us-ia.toml", include_str!("../../packs/us-ia.toml")),
    ("us-id.toml", include_str!("../../packs/us-id.toml")),
    ("us-il.toml", include_str!("../../packs/us-il.toml")),
    ("us-in.toml", include_str!("../../packs/us-in.toml")),
    ("us-ky.toml", include_str!("../../packs/us-ky.toml")),
    ("us-ma.toml", include_str!("../../packs/us-ma.toml")),
    ("us-md.toml", include_str!("../../packs/us-md.toml")),
    ("us-me.toml", include_str!("../../packs/us-me.toml")),
    ("us-mn.toml", include_str!("../../packs/us-mn.toml")),
    ("us-mt.toml", include_str!("../../packs/us-mt.toml")),
    ("us-nc.toml", include_str!("../../packs/us-nc.toml")),
    ("us-ne.toml", include_str!("../../packs/us-ne.toml")),
    ("us-nh.toml", include_str!("../../packs/us-nh.toml")),
    ("us-nj.toml", include_str!("../../packs/us-nj.toml")),
    ("us-nm.toml", include_str!("../../packs/us-nm.toml")),
    (
        "us-no-statute.toml",
        include_str!("../../packs/us-no-statute.toml"),
    ),
    ("us-ny.toml", include_str!("../../packs/us-ny.toml")),
    ("us-ok.toml", include_str!("../../packs/us-ok.toml")),
    ("us-or.toml", include_str!("../../packs/us-or.toml")),
    ("us-tn.toml", include_str!("../../packs/us-tn.toml")),
    ("us-ut.toml", include_str!("../../packs/us-ut.toml")),
    ("us-va.toml", include_str!("../../packs/us-va.toml")),
    ("us-vt.toml", include_str!("../../packs/us-vt.toml")),
    ("us-wa.toml", include_str!("../../packs/us-wa.toml")),
];
