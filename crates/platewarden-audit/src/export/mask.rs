//! Redaction masks.

/// Whether a cell is a redaction mask: only if nothing else stands in it.
///
/// `***` is a mask, `Z*0028*` a plate with wildcards.
///
/// ```
/// use platewarden_audit::export::is_mask;
/// assert!(["***", "[REDACTED]", "* * *", "###", "7923.600 GC"].iter().all(|cell| is_mask(cell)));
/// assert!(["Z*0028*", "", "redacted warrant", "7923"].iter().all(|cell| !is_mask(cell)));
/// ```
#[must_use]
pub fn is_mask(cell: &str) -> bool {
    let cell = cell.trim();
    let bytes = cell.as_bytes();
    let Some(first) = bytes.first().filter(|_| (2..=48).contains(&bytes.len())) else {
        return false;
    };
    // Asked of every cell of every row: most of them leave at these byte tests.
    if matches!(first, b'*' | b'#' | b'X' | b'x' | 0x80..) && is_row_of_signs(cell) {
        return true;
    }
    if (6..=16).contains(&bytes.len()) && !first.is_ascii_digit() {
        let word = cell.trim_matches(|c: char| !c.is_alphanumeric());
        if ["redacted", "masked", "withheld", "exempt", "redact"]
            .iter()
            .any(|w| word.eq_ignore_ascii_case(w))
        {
            return true;
        }
    }
    is_exemption(cell)
}

/// `***`, `* * *`, `###`, `XXX`, bars.
fn is_row_of_signs(cell: &str) -> bool {
    let Some(sign) = cell
        .chars()
        .next()
        .filter(|c| matches!(c, '*' | '#' | 'X' | 'x' | '█' | '■' | '•'))
    else {
        return false;
    };
    let count = cell.chars().filter(|c| *c == sign).count();
    cell.chars().all(|c| c == sign || c == ' ')
        && count >= if sign.is_ascii_alphabetic() { 3 } else { 2 }
}

/// Cites of an exemption: "7923.600 GC", "GC 7923.600(a)", "(b)(7)(C)".
fn is_exemption(cell: &str) -> bool {
    if cell.starts_with("(b)(") && cell.len() <= 12 {
        return true;
    }
    let digits = || cell.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let code = || {
        let mut words = cell.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| {
            ["GC", "Gov", "FOIA", "ILCS", "CPRA", "PRA"]
                .iter()
                .any(|code| word.eq_ignore_ascii_case(code))
        })
    };
    cell.as_bytes().contains(&b'.') && digits() && code()
}
