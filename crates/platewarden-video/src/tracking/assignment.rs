//! Which observation belongs to which track: the assignment of least total cost.

/// A cost above which two do not belong together.
pub(crate) const FORBIDDEN: f32 = 1e6;

/// For each row the column it is assigned to, such that the sum of costs is least; pairs of [`FORBIDDEN`] cost and up
/// stay unassigned.
///
/// `costs` has `rows * columns` entries, row by row. The method is that of Kuhn and Munkres with potentials, in
/// O(rows² · columns).
#[allow(
    clippy::indexing_slicing,
    reason = "indices stay below the sizes of the arrays made here"
)]
pub(crate) fn assign(costs: &[f32], rows: usize, columns: usize) -> Vec<Option<usize>> {
    debug_assert_eq!(costs.len(), rows * columns);
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    // The method needs at least as many columns as rows: the missing ones cost as much as staying alone.
    let width = columns.max(rows);
    let cost = |row: usize, column: usize| -> f64 {
        if column < columns {
            f64::from(costs[row * columns + column].min(FORBIDDEN))
        } else {
            f64::from(FORBIDDEN)
        }
    };
    let mut row_potential = vec![0.0; rows + 1];
    let mut column_potential = vec![0.0; width + 1];
    // Row (from 1) that holds each column (from 1); 0 is free.
    let mut holder = vec![0; width + 1];
    let mut previous = vec![0; width + 1];
    for row in 1..=rows {
        holder[0] = row;
        let mut column = 0;
        let mut least = vec![f64::INFINITY; width + 1];
        let mut used = vec![false; width + 1];
        loop {
            used[column] = true;
            let current = holder[column];
            let (mut delta, mut next) = (f64::INFINITY, 0);
            for j in 1..=width {
                if used[j] {
                    continue;
                }
                let reduced =
                    cost(current - 1, j - 1) - row_potential[current] - column_potential[j];
                if reduced < least[j] {
                    least[j] = reduced;
                    previous[j] = column;
                }
                if least[j] < delta {
                    delta = least[j];
                    next = j;
                }
            }
            for j in 0..=width {
                if used[j] {
                    row_potential[holder[j]] += delta;
                    column_potential[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            column = next;
            if holder[column] == 0 {
                break;
            }
        }
        while column != 0 {
            let before = previous[column];
            holder[column] = holder[before];
            column = before;
        }
    }
    let mut assigned = vec![None; rows];
    for column in 1..=columns {
        let row = holder[column];
        if row > 0 && costs[(row - 1) * columns + column - 1] < FORBIDDEN {
            assigned[row - 1] = Some(column - 1);
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail")]
    use super::*;

    fn best_by_trying(
        costs: &[f32],
        rows: usize,
        columns: usize,
        row: usize,
        taken: &mut Vec<bool>,
    ) -> f32 {
        if row == rows {
            return 0.0;
        }
        // Staying alone costs as much as a forbidden pair.
        let mut best = FORBIDDEN + best_by_trying(costs, rows, columns, row + 1, taken);
        for column in 0..columns {
            if !taken[column] {
                taken[column] = true;
                let rest = best_by_trying(costs, rows, columns, row + 1, taken);
                best = best.min(costs[row * columns + column] + rest);
                taken[column] = false;
            }
        }
        best
    }

    proptest::proptest! {
        #[test]
        fn no_other_assignment_is_cheaper(rows in 0_usize..5, columns in 0_usize..5, seed in proptest::collection::vec(0_u8..40, 25)) {
            let costs: Vec<f32> = (0..rows * columns)
                .map(|at| if seed[at] > 32 { FORBIDDEN } else { f32::from(seed[at]) })
                .collect();
            let assigned = assign(&costs, rows, columns);
            let mut columns_used: Vec<usize> = assigned.iter().flatten().copied().collect();
            columns_used.sort_unstable();
            let count = columns_used.len();
            columns_used.dedup();
            proptest::prop_assert_eq!(count, columns_used.len());
            let total: f32 = assigned
                .iter()
                .enumerate()
                .map(|(row, column)| column.map_or(FORBIDDEN, |column| costs[row * columns + column]))
                .sum();
            let expected = best_by_trying(&costs, rows, columns, 0, &mut vec![false; columns]);
            proptest::prop_assert!((total - expected).abs() < 1.0, "{} against {}", total, expected);
        }
    }
}
