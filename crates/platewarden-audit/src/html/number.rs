//! Numbers as pages write them.

/// A count with its thousands set apart: `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share with one digit, in integers: a page must not differ from machine to machine. Of nothing, nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let mille = (u128::from(part) * 2_000)
        .checked_div(u128::from(whole))
        .map_or(0, |doubled| doubled.div_ceil(2));
    if part > 0 && mille == 0 {
        "<0.1 %".to_owned()
    } else {
        format!("{}.{} %", mille / 10, mille % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn shares_are_rounded_and_never_vanish() {
        assert_eq!(percent(1, 3), "33.3 %");
        assert_eq!(percent(2, 3), "66.7 %");
        assert_eq!(percent(1, 1_000_000), "<0.1 %");
        assert_eq!(percent(0, 0), "0.0 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.0 %");
    }
}
