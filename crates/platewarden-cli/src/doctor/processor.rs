//! What the processor offers to the networks.

/// The vector instructions that matter, and whether they are there.
pub(super) fn features() -> String {
    let features = detected();
    if features.is_empty() {
        return format!(
            "{}; its vector instructions are not asked for",
            std::env::consts::ARCH
        );
    }
    let list: Vec<String> = features
        .iter()
        .map(|(name, is_there)| format!("{name} {}", if *is_there { "yes" } else { "no" }))
        .collect();
    let note = match features.last() {
        Some((_, false)) => {
            "; without VNNI 8-bit networks may be slower than 32-bit ones, so it is measured"
        }
        _ => "",
    };
    format!("{}{note}", list.join(", "))
}

#[cfg(target_arch = "x86_64")]
fn detected() -> Vec<(&'static str, bool)> {
    let vnni = is_x86_feature_detected!("avx512vnni") || is_x86_feature_detected!("avxvnni");
    vec![
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("AVX-512", is_x86_feature_detected!("avx512f")),
        ("VNNI", vnni),
    ]
}

#[cfg(target_arch = "aarch64")]
fn detected() -> Vec<(&'static str, bool)> {
    vec![
        ("NEON", std::arch::is_aarch64_feature_detected!("neon")),
        (
            "dot product",
            std::arch::is_aarch64_feature_detected!("dotprod"),
        ),
    ]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detected() -> Vec<(&'static str, bool)> {
    Vec::new()
}
