use super::*;

#[test]
fn the_sets_are_those_of_the_purposes() {
    let of = |keep: fn(PurposeKind) -> bool| {
        let all = PurposeKind::ALL.iter().copied();
        all.filter(|kind| keep(*kind)).collect::<EnumSet<_>>()
    };
    assert_eq!(SENSITIVE, of(PurposeKind::is_sensitive));
    assert_eq!(
        NAMED_CRIMES,
        of(|kind| kind.is_crime_or_danger() && kind != PurposeKind::OtherCriminal)
    );
}
