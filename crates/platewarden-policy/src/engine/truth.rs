//! Three-valued truth.

/// Whether something holds: a condition on an unknown fact is neither true nor false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    /// It hangs on these facts.
    Unknown(Fields),
}

/// The facts that would have to be known, in the request's own words. There is always one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fields {
    first: &'static str,
    more: Vec<&'static str>,
}

impl Fields {
    pub(crate) const fn one(field: &'static str) -> Self {
        Self {
            first: field,
            more: Vec::new(),
        }
    }

    pub(crate) const fn first(&self) -> &'static str {
        self.first
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }

    pub(crate) fn add(&mut self, field: &'static str) {
        if self.iter().all(|known| known != field) {
            self.more.push(field);
        }
    }

    pub(crate) fn join(mut self, other: &Self) -> Self {
        other.iter().for_each(|field| self.add(field));
        self
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

impl Truth {
    pub(crate) const fn unknown(field: &'static str) -> Self {
        Self::Unknown(Fields::one(field))
    }

    pub(crate) fn is_true(&self) -> bool {
        *self == Self::True
    }

    /// False if either is, else unknown if either is.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            (Self::Unknown(left), Self::Unknown(right)) => Self::Unknown(left.join(&right)),
            (Self::Unknown(fields), Self::True) | (Self::True, Self::Unknown(fields)) => {
                Self::Unknown(fields)
            }
        }
    }

    /// True if either is, else unknown if either is.
    pub(crate) fn or(self, other: Self) -> Self {
        !((!self).and(!other))
    }
}

#[cfg(test)]
mod tests {
    use super::Truth;

    #[test]
    fn unknown_is_neither_true_nor_false() {
        let unknown = || Truth::unknown("x");
        assert_eq!(unknown().and(Truth::False), Truth::False);
        assert_eq!(unknown().and(Truth::True), unknown());
        assert_eq!(unknown().or(Truth::True), Truth::True);
        assert_eq!(unknown().or(Truth::False), unknown());
        assert_eq!(!unknown(), unknown());
    }

    #[test]
    fn the_fields_of_both_sides_count_once_each() {
        let both = Truth::unknown("x")
            .and(Truth::unknown("y"))
            .and(Truth::unknown("x"));
        let Truth::Unknown(fields) = both else {
            unreachable!("both sides are unknown");
        };
        assert_eq!(fields.iter().collect::<Vec<_>>(), ["x", "y"]);
    }
}
