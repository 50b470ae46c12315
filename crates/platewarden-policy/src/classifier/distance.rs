//! Edit distance for the repair of misspelt words.

/// Which of the 26 letters occur, as a bit set: words within distance `d` differ in at most `2 d` bits.
pub(super) fn signature(word: &[u8]) -> u32 {
    word.iter()
        .filter(|b| b.is_ascii_lowercase())
        .fold(0, |set, b| set | 1 << (b - b'a'))
}

/// Optimal string alignment distance (insertion, deletion, substitution, transposition of neighbours),
/// or `None` where it exceeds `limit`. Words longer than 31 bytes have none.
#[allow(
    clippy::indexing_slicing,
    reason = "hot loop; rows are 32 wide and both lengths are at most 31"
)]
pub(super) fn within(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    const WIDTH: usize = 32;
    if a.len() >= WIDTH || b.len() >= WIDTH || a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before = [0_usize; WIDTH];
    let mut last = [0_usize; WIDTH];
    let mut row = [0_usize; WIDTH];
    for (j, cell) in last.iter_mut().enumerate().take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        row[0] = i;
        let mut best = i;
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut value = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                value = value.min(before[j - 2] + 1);
            }
            row[j] = value;
            best = best.min(value);
        }
        if best > limit {
            return None;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    (last[b.len()] <= limit).then_some(last[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_definition() {
        assert_eq!(within(b"immigration", b"imigration", 2), Some(1));
        assert_eq!(within(b"immigration", b"immigartion", 2), Some(1));
        assert_eq!(within(b"immigration", b"imigartion", 2), Some(2));
        assert_eq!(within(b"immigration", b"irrigation", 2), None);
        assert_eq!(within(b"", b"ab", 2), Some(2));
        assert_eq!(within(b"same", b"same", 0), Some(0));
        assert_eq!(signature(b"abca").count_ones(), 3);
    }
}
